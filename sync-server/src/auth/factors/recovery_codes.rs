//! Ten codes for the day when phone and key are lost. Each has eighty random bits, so a plain hash keeps it as it keeps a token,
//! and is good once.

use ring::digest::{SHA256, digest};
use shared_model::instant::Timestamp;
use sqlx::PgConnection;

use super::relying_party::Owner;
use crate::clock::to_utc;
use crate::random;

const COUNT: usize = 10;
const LETTERS: usize = 16;
const GROUP: usize = 4;
/// Crockford's letters: none looks like another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Makes new codes in place of those before.
pub(super) async fn make(connection: &mut PgConnection, owner: Owner) -> sqlx::Result<Vec<String>> {
    remove(connection, owner).await?;
    let codes: Vec<String> = (0..COUNT).map(|_| draw()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash(code)).collect();
    sqlx::query(
        "insert into recovery_code (organization_id, person_id, code_hash)
         select $1, $2, code_hash from unnest($3::bytea[]) as made (code_hash)",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(hashes)
    .execute(connection)
    .await?;
    Ok(codes)
}

/// How many were not used yet.
pub(super) async fn left(connection: &mut PgConnection, owner: Owner) -> sqlx::Result<u32> {
    let left: i64 = sqlx::query_scalar(
        "select count(*) from recovery_code where organization_id = $1 and person_id = $2 and used_at is null",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .fetch_one(connection)
    .await?;
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}

/// Takes a code: true once.
pub(super) async fn take(
    connection: &mut PgConnection,
    owner: Owner,
    code: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let taken = sqlx::query(
        "update recovery_code set used_at = $4
         where organization_id = $1 and person_id = $2 and code_hash = $3 and used_at is null",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(hash(code))
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Takes all of them away.
pub(super) async fn remove(connection: &mut PgConnection, owner: Owner) -> sqlx::Result<()> {
    sqlx::query("delete from recovery_code where organization_id = $1 and person_id = $2")
        .bind(owner.organisation.as_uuid())
        .bind(owner.person.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

fn draw() -> String {
    let letters = random::bytes::<LETTERS>().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// People leave dashes out, and read O for 0.
fn hash(code: &str) -> Vec<u8> {
    let letters = code.chars().filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    let letters: String = letters.take(LETTERS + 1).collect();
    digest(&SHA256, letters.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = draw();
        assert_eq!(code.len(), LETTERS + 3, "{code}");
        assert_eq!(hash(&code), hash(&code.to_lowercase().replace('-', " ")));
        assert_eq!(hash("0123-4567-89AB-CDE1"), hash("o123 4567 89ab cdel"));
        assert_ne!(hash(&code), hash(&draw()));
        assert_ne!(hash(&code), hash(&format!("{code}0")));
    }
}
