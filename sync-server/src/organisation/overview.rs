//! The organisations of an installation at a glance.

use chrono::{DateTime, Utc};
use shared_model::account::OrganisationName;
use sqlx::PgPool;

use crate::database::{organisations, tenant_transaction};

/// One of them.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Its names.
    pub organisation: OrganisationName,
    /// Since when it is shut out.
    pub suspended_at: Option<DateTime<Utc>>,
    /// How many people may sign in.
    pub people: i64,
    /// How many documents there are.
    pub documents: i64,
}

/// All of them, by short name.
pub async fn read(pool: &PgPool) -> sqlx::Result<Vec<Overview>> {
    let mut found = Vec::new();
    for organisation in organisations::all(pool).await? {
        let mut transaction = tenant_transaction(pool, organisation.id).await?;
        let (suspended_at, people, documents) = sqlx::query_as(
            "select suspended_at,
                    (select count(*) from person where person.organization_id = $1 and active),
                    (select count(*) from document where document.organization_id = $1 and deleted_at is null)
             from organisation where organization_id = $1",
        )
        .bind(organisation.id.as_uuid())
        .fetch_one(&mut *transaction)
        .await?;
        found.push(Overview { organisation, suspended_at, people, documents });
    }
    Ok(found)
}
