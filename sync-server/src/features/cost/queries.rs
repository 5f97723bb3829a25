//! The SQL that reads costs.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

/// Money spent.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct CostItem {
    /// The record.
    #[sqlx(rename = "cost_entry_id")]
    pub(super) id: Uuid,
    /// What it was spent on.
    #[sqlx(rename = "doc_id")]
    document: Uuid,
    /// What kind of document that is.
    #[sqlx(rename = "doc_kind")]
    document_kind: String,
    /// Labour, part, service or other.
    kind: String,
    /// Hundredths of the currency's unit.
    minor: i64,
    /// ISO 4217 code.
    currency: String,
    /// A remark.
    note: Option<String>,
    /// Who entered it.
    author: Option<Uuid>,
    /// When, by the clock of the device.
    at: DateTime<Utc>,
}

/// Which costs are wanted.
pub(super) struct Filter {
    /// Spent on this document.
    pub(super) document: Option<Uuid>,
    /// Scopes of work orders the caller may see costs of; `None`: all.
    pub(super) work_order_scopes: Option<Vec<String>>,
    /// The same for assets.
    pub(super) asset_scopes: Option<Vec<String>>,
    pub(super) after: Option<Uuid>,
    pub(super) limit: i64,
}

/// Costs in order of entry.
pub(super) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &Filter,
) -> sqlx::Result<Vec<CostItem>> {
    sqlx::query_as(
        "select cost_entry.cost_entry_id, cost_entry.doc_id, cost_entry.doc_kind, cost_entry.kind,
                cost_entry.minor, cost_entry.currency, cost_entry.note, cost_entry.author, cost_entry.at
         from cost_entry
         join document on document.organization_id = cost_entry.organization_id
                      and document.doc_id = cost_entry.doc_id
         where cost_entry.organization_id = $1
           and ($2::uuid is null or cost_entry.doc_id = $2)
           and ((document.kind = 'work_order' and ($3::text[] is null or document.scopes && $3))
             or (document.kind = 'asset' and ($4::text[] is null or document.scopes && $4)))
           and ($5::uuid is null or cost_entry.cost_entry_id > $5)
         order by cost_entry.cost_entry_id limit $6",
    )
    .bind(organisation.as_uuid())
    .bind(filter.document)
    .bind(&filter.work_order_scopes)
    .bind(&filter.asset_scopes)
    .bind(filter.after)
    .bind(filter.limit)
    .fetch_all(connection)
    .await
}

/// What an hour of work at a site costs from a moment on.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct RateItem {
    /// The record.
    #[sqlx(rename = "labour_rate_id")]
    pub(super) id: Uuid,
    /// The site.
    #[sqlx(rename = "site_id")]
    site: Uuid,
    /// Whose hours; absent: everybody's without a rate of their own.
    person: Option<Uuid>,
    /// Hundredths of the currency's unit, for an hour.
    minor: i64,
    /// ISO 4217 code.
    currency: String,
    /// From when on.
    valid_from: DateTime<Utc>,
    /// Who entered it.
    author: Option<Uuid>,
    /// When, by the clock of the device.
    at: DateTime<Utc>,
}

/// Which rates are wanted.
pub(super) struct RateFilter {
    pub(super) site: Option<Uuid>,
    /// Scopes of locations the caller may see costs of; `None`: all.
    pub(super) scopes: Option<Vec<String>>,
    pub(super) after: Option<Uuid>,
    pub(super) limit: i64,
}

/// Rates in order of entry.
pub(super) async fn rates(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &RateFilter,
) -> sqlx::Result<Vec<RateItem>> {
    sqlx::query_as(
        "select labour_rate_id, site_id, person, minor, currency, valid_from, author, at
         from labour_rate
         join document on document.organization_id = labour_rate.organization_id
                      and document.doc_id = labour_rate.site_id
         where labour_rate.organization_id = $1
           and ($2::uuid is null or site_id = $2)
           and ($3::text[] is null or document.scopes && $3)
           and ($4::uuid is null or labour_rate_id > $4)
         order by labour_rate_id limit $5",
    )
    .bind(organisation.as_uuid())
    .bind(filter.site)
    .bind(&filter.scopes)
    .bind(filter.after)
    .bind(filter.limit)
    .fetch_all(connection)
    .await
}
