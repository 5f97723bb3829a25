//! What an organisation says of itself, in its row and in that of its logo. Whoever changes either bumps the directory, by which
//! devices hear of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};
use shared_model::directory::DirectoryOrganisation;
use shared_model::hex;
use shared_model::identity::OrganisationId;
use shared_model::organisation::{Logo, LogoFacts, OrganisationSettings};
use sqlx::PgConnection;

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    accent_colour: Option<String>,
    default_language: Option<String>,
    default_time_zone: Option<String>,
}

/// A logo as it is served.
#[derive(sqlx::FromRow)]
pub(super) struct StoredLogo {
    pub(super) media_type: String,
    pub(super) content: Vec<u8>,
    pub(super) content_hash: Vec<u8>,
}

async fn row(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<Row> {
    sqlx::query_as(
        "select name, accent_colour, default_language, default_time_zone from organisation
         where organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .fetch_one(connection)
    .await
}

/// What it says of itself.
pub(super) async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<OrganisationSettings> {
    let Row { name, accent_colour, default_language, default_time_zone } =
        row(&mut *connection, organisation).await?;
    let logo = logo_facts(connection, organisation).await?;
    Ok(OrganisationSettings {
        name,
        accent_colour,
        language: default_language,
        time_zone: default_time_zone,
        logo,
    })
}

/// The same for devices, with the picture, if any of it is newer than this version of the directory.
pub(crate) async fn of_directory(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    since: i64,
) -> sqlx::Result<Option<DirectoryOrganisation>> {
    let is_newer: bool = sqlx::query_scalar(
        "select $2 = 0 or settings_version > $2 from organisation where organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .bind(since)
    .fetch_one(&mut *connection)
    .await?;
    if !is_newer {
        return Ok(None);
    }
    let Row { name, accent_colour, default_language, default_time_zone } =
        row(&mut *connection, organisation).await?;
    let picture = logo(connection, organisation).await?;
    let address =
        |logo: StoredLogo| format!("data:{};base64,{}", logo.media_type, BASE64.encode(logo.content));
    Ok(Some(DirectoryOrganisation {
        name,
        accent_colour,
        logo: picture.map(address),
        language: default_language,
        time_zone: default_time_zone,
    }))
}

/// Says otherwise from now on, but for the logo. `version` is the directory's.
pub(super) async fn write(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    settings: &OrganisationSettings,
    version: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "update organisation set name = $2, accent_colour = $3, default_language = $4, default_time_zone = $5,
                                 settings_version = $6
         where organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .bind(&settings.name)
    .bind(&settings.accent_colour)
    .bind(&settings.language)
    .bind(&settings.time_zone)
    .bind(version)
    .execute(connection)
    .await?;
    Ok(())
}

/// What is known of its logo beside the picture.
pub(super) async fn logo_facts(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<Option<LogoFacts>> {
    let row: Option<(String, i32, i32, Vec<u8>)> = sqlx::query_as(
        "select media_type, width, height, content_hash from organisation_logo where organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(media_type, width, height, hash)| LogoFacts {
        media_type,
        width: width.unsigned_abs(),
        height: height.unsigned_abs(),
        sha256: hex::encode(&hash),
    }))
}

/// Its logo.
pub(super) async fn logo(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<Option<StoredLogo>> {
    sqlx::query_as(
        "select media_type, content, content_hash from organisation_logo where organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .fetch_optional(connection)
    .await
}

/// Has this logo from now on. `version` is the directory's.
pub(super) async fn write_logo(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    logo: Logo,
    content: &[u8],
    version: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into organisation_logo (organization_id, media_type, content, content_hash, width, height)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (organization_id) do update
             set media_type = excluded.media_type, content = excluded.content,
                 content_hash = excluded.content_hash, width = excluded.width, height = excluded.height",
    )
    .bind(organisation.as_uuid())
    .bind(logo.format.code())
    .bind(content)
    .bind(Sha256::digest(content).to_vec())
    .bind(i32::try_from(logo.width).unwrap_or(i32::MAX))
    .bind(i32::try_from(logo.height).unwrap_or(i32::MAX))
    .execute(&mut *connection)
    .await?;
    mark(connection, organisation, version).await
}

/// Has no logo any more. `version` is the directory's.
pub(super) async fn remove_logo(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    version: i64,
) -> sqlx::Result<()> {
    sqlx::query("delete from organisation_logo where organization_id = $1")
        .bind(organisation.as_uuid())
        .execute(&mut *connection)
        .await?;
    mark(connection, organisation, version).await
}

async fn mark(connection: &mut PgConnection, organisation: OrganisationId, version: i64) -> sqlx::Result<()> {
    sqlx::query("update organisation set settings_version = $2 where organization_id = $1")
        .bind(organisation.as_uuid())
        .bind(version)
        .execute(connection)
        .await?;
    Ok(())
}
