//! The features on the server, one folder a noun, spelled as in `shared_model::features`: `projection` (rows),
//! `queries` (all SQL that names the feature's tables), `routes`. Each exports a [`Feature`]; platform modules
//! loop over [`ALL`] and never spell a feature's name.

pub mod asset;
pub mod checklist;
pub mod comment;
pub mod conflict;
pub mod cost;
pub mod import;
pub mod labour_entry;
pub mod location;
pub mod meter_reading;
pub mod part;
pub mod stock_movement;
pub mod storeroom;
pub mod work_order;

use futures_util::future::BoxFuture;
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;

use crate::access::Operation;
use crate::app_state::AppState;
use crate::projection::{Batch, Derived, Intake, Naming, Table};
use crate::sync::ingest::Decision;

/// Says what the server has to state about what came in. Locks the rows the feature shares between documents, in
/// order of their keys; it runs after the documents are locked and before the feed's counter.
pub type Decide =
    for<'a> fn(&'a mut PgConnection, &'a Intake<'a>) -> BoxFuture<'a, anyhow::Result<Vec<Decision>>>;

/// A new history begins: what was given out under the one before may be given out by nobody again, although the feed may
/// not say any more what that was.
pub type NewEpoch = fn(&mut PgConnection, OrganisationId) -> BoxFuture<'_, sqlx::Result<()>>;

/// Writes the rows of a batch.
pub type Project = for<'a> fn(&'a mut PgConnection, &'a Batch<'a>) -> BoxFuture<'a, sqlx::Result<()>>;

/// What a feature brings to the server.
pub struct Feature {
    /// The noun.
    pub name: &'static str,
    /// Its tables that a rebuild fills.
    pub tables: &'static [Table],
    /// What the database itself keeps beside them.
    pub derived: &'static [Derived],
    /// Which of their columns name documents that are not theirs.
    pub names: &'static [Naming],
    /// What it decides.
    pub decide: Option<Decide>,
    /// What it does when a new history begins.
    pub new_epoch: Option<NewEpoch>,
    /// What it projects.
    pub project: Option<Project>,
    /// Its routes.
    pub routes: Option<fn() -> OpenApiRouter<AppState>>,
    /// What each of them takes.
    pub operations: &'static [Operation],
}

/// Every feature, in the order their shared rows are locked.
pub const ALL: &[Feature] = &[
    work_order::FEATURE,
    checklist::FEATURE,
    location::FEATURE,
    asset::FEATURE,
    part::FEATURE,
    storeroom::FEATURE,
    stock_movement::FEATURE,
    labour_entry::FEATURE,
    comment::FEATURE,
    cost::FEATURE,
    meter_reading::FEATURE,
    conflict::FEATURE,
];

/// The routes of all features.
pub fn router() -> OpenApiRouter<AppState> {
    let routers = ALL.iter().filter_map(|feature| feature.routes);
    routers.fold(OpenApiRouter::new(), |all, routes| all.merge(routes()))
}
