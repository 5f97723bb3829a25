//! The tenants themselves.

use shared_model::account::OrganisationName;
use shared_model::audit::{Action, SubjectKind};
use shared_model::identity::OrganisationId;
use shared_model::instant::Timestamp;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::set_tenant;
use crate::audit::{self, Note};
use crate::clock::{from_utc, to_utc};

type NameRow = (Uuid, String, String);

/// The organisation with this short name.
pub async fn find_by_slug(pool: &PgPool, slug: &str) -> sqlx::Result<Option<OrganisationName>> {
    let row: Option<NameRow> =
        sqlx::query_as("select organization_id, slug, name from organisations_known($1)")
            .bind(slug)
            .fetch_optional(pool)
            .await?;
    Ok(row.map(name))
}

/// Every organisation, by short name: for maintenance over all tenants.
pub async fn all(pool: &PgPool) -> sqlx::Result<Vec<OrganisationName>> {
    let rows: Vec<NameRow> =
        sqlx::query_as("select organization_id, slug, name from organisations_known(null)")
            .fetch_all(pool)
            .await?;
    Ok(rows.into_iter().map(name).collect())
}

/// Reads the organisation of a tenant transaction.
pub async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<OrganisationName> {
    let row: NameRow =
        sqlx::query_as("select organization_id, slug, name from organisation where organization_id = $1")
            .bind(organisation.as_uuid())
            .fetch_one(connection)
            .await?;
    Ok(name(row))
}

/// When an organisation was created.
pub async fn founded(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<Timestamp> {
    let mut transaction = super::tenant_transaction(pool, organisation).await?;
    let created_at = sqlx::query_scalar("select created_at from organisation where organization_id = $1")
        .bind(organisation.as_uuid())
        .fetch_one(&mut *transaction)
        .await?;
    Ok(from_utc(created_at))
}

/// Creates an organisation; the transaction sees it from here on.
pub async fn create(
    connection: &mut PgConnection,
    organisation: &OrganisationName,
    now: Timestamp,
) -> sqlx::Result<()> {
    set_tenant(connection, organisation.id).await?;
    sqlx::query("insert into organisation (organization_id, slug, name, created_at) values ($1, $2, $3, $4)")
        .bind(organisation.id.as_uuid())
        .bind(&organisation.slug)
        .bind(&organisation.name)
        .bind(to_utc(now))
        .execute(&mut *connection)
        .await?;
    sqlx::query("insert into directory_version (organization_id, version) values ($1, 0)")
        .bind(organisation.id.as_uuid())
        .execute(&mut *connection)
        .await?;
    let id = organisation.id;
    let note = Note::by_operator(Action::OrganisationCreated).about(SubjectKind::Organisation, id.as_uuid());
    audit::append(connection, id, note, now).await
}

fn name((id, slug, name): NameRow) -> OrganisationName {
    OrganisationName { id: OrganisationId::from_uuid(id), slug, name }
}
