//! The SQL that reads discrepancies.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

/// A balance that fell below zero and still is.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct DiscrepancyItem {
    /// The discrepancy that was stated last.
    #[sqlx(rename = "stock_discrepancy_id")]
    id: Uuid,
    /// The storeroom.
    #[sqlx(rename = "storeroom_id")]
    storeroom: Uuid,
    /// The part.
    #[sqlx(rename = "part_id")]
    part: Uuid,
    /// The movement that took the balance below zero.
    movement: Uuid,
    /// Thousandths of the unit that are there now by the ledger.
    balance_thousandths: i64,
    /// When the server saw it.
    received_at: DateTime<Utc>,
}

/// Balances below zero in storerooms of these scopes (`None`: all), those found last first.
pub(super) async fn open_discrepancies(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    scopes: Option<&[String]>,
) -> sqlx::Result<Vec<DiscrepancyItem>> {
    sqlx::query_as(
        "select stock_discrepancy_id, storeroom_id, part_id, movement, balance_thousandths, received_at
         from (select distinct on (storeroom_id, part_id)
                      stock_discrepancy_id, storeroom_id, part_id, movement, received_at,
                      stock_balance.quantity_thousandths as balance_thousandths
               from stock_balance
               join stock_discrepancy using (organization_id, storeroom_id, part_id)
               join document on document.organization_id = stock_balance.organization_id
                            and document.doc_id = stock_balance.storeroom_id
               where stock_balance.organization_id = $1 and stock_balance.quantity_thousandths < 0
                 and ($2::text[] is null or document.scopes && $2)
               order by storeroom_id, part_id, received_at desc, stock_discrepancy_id desc) as latest
         order by received_at desc, stock_discrepancy_id desc limit 500",
    )
    .bind(organisation.as_uuid())
    .bind(scopes)
    .fetch_all(connection)
    .await
}
