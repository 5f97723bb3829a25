//! `GET /api/packs`: what a first load fetches, a part at a time. Rights are read for every part; what a token says
//! only chooses where to go on.

mod encoding;
mod queries;

use std::collections::HashSet;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use shared_model::account::Problem;
use shared_model::document::DocumentKind;
use shared_model::identity::DocumentId;
use shared_model::permission::{GrantLimit, Grants, Scope};
use shared_model::sync_protocol::{
    Cursor, Listed, Pack, PackPlace, PackToken, PackedDocument, Urgency, fingerprint, visible_snapshot,
};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::encoding::Encoding;
use self::queries::ListedRow;
use super::reach::Reach;
use super::reader::{chain_hash, end, scopes};
use super::snapshots;
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::{TenantTransaction, tenant_pages};
use crate::error::{ApiError, ApiResult};
use crate::projection::fill_rows;

/// Most rows of a pack.
const ROWS: usize = 2_500;
/// Rows that are made for one pack, because they are missing; so long a request may take.
const MADE: usize = 1_000;
/// About how many bytes of documents make a pack.
const DOCUMENT_BYTES: usize = 1_500 * 1024;
/// When more rows of the feed than this came since the load began, all documents bring their rows.
const MOST_CHANGES: i64 = 5_000;

/// The route of packs.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_pack))
}

/// Which pack.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// As the pack before named it; the first pack without.
    next: Option<String>,
}

/// Fetch a part of a first load
///
/// Rows and documents within the caller's rights, by the read permission of each kind of document, as CBOR.
#[utoipa::path(
    get, path = "/api/packs", tag = "sync", params(Which),
    responses(
        (status = 200, description = "A pack, compressed", content_type = "application/cbor", body = Vec<u8>),
        (status = 400, body = Problem, description = "No pack has this name"),
        (status = 401, body = Problem),
        (status = 409, body = Problem, description = "The rights, or the history, are not those the load began under"),
    )
)]
async fn get_pack(
    State(state): State<AppState>,
    caller: Caller,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let token = match which.next.as_deref() {
        None => None,
        Some(text) if PackToken::is_of_another_version(text) => {
            return Err(ApiError::conflict(
                "other_version",
                "The server was changed. Load again from the start.",
            ));
        }
        Some(text) => Some(PackToken::decode(text).ok_or_else(unknown_pack)?),
    };
    let rights = fingerprint(&caller.grants);
    if token.is_some_and(|token| token.rights[..] != rights) {
        return Err(ApiError::conflict(
            "rights_changed",
            "Your rights have changed. Load again from the start.",
        ));
    }
    // What a pack takes while it is made is bounded; so are those that are made at once.
    let turn = state.sync.pack_turn(caller.organisation_id).await;
    let maker = Maker { state: &state, reach: Reach::of(&caller.grants), caller: &caller, rights };
    let pack = maker.make(token).await?;
    let encoding = Encoding::accepted(&headers);
    let compressed = tokio::task::spawn_blocking(move || encoding.compress(&pack.encode()));
    let bytes = compressed.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    drop(turn);
    let mut response = Response::new(Body::from(bytes));
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/cbor"));
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    head.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(name) = encoding.name() {
        head.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Ok(response)
}

fn unknown_pack() -> ApiError {
    ApiError::bad_request("unknown_pack", "No pack has this name. Load again from the start.")
}

struct Maker<'a> {
    state: &'a AppState,
    caller: &'a Caller,
    reach: Reach,
    rights: Vec<u8>,
}

impl Maker<'_> {
    async fn make(&self, token: Option<PackToken>) -> ApiResult<Pack> {
        match token {
            None => self.rows(None, None).await,
            Some(PackToken { place: PackPlace::Rows { after }, .. }) => self.rows(token, after).await,
            Some(token @ PackToken { place: PackPlace::Documents { urgency, after }, .. }) => {
                self.documents(token, urgency, after).await
            }
        }
    }

    /// The next documents with their rows, and the feed row up to which they are so.
    async fn read_rows(
        &self,
        token: Option<&PackToken>,
        after: Option<DocumentId>,
    ) -> ApiResult<(Cursor, Vec<ListedRow>)> {
        let mut transaction = self.begin(token).await?;
        let (at, _) = end(&mut transaction, self.caller.organisation_id).await?;
        let rows = queries::rows(&mut transaction, self.caller, &self.reach, after, ROWS).await?;
        transaction.commit().await?;
        Ok((at, rows))
    }

    /// The same, once those rows are made that are missing.
    async fn complete_rows(
        &self,
        token: Option<&PackToken>,
        after: Option<DocumentId>,
    ) -> ApiResult<(Cursor, Vec<ListedRow>)> {
        let read = self.read_rows(token, after).await?;
        let missing: Vec<DocumentId> =
            read.1.iter().filter(|row| row.is_missing()).map(ListedRow::id).take(MADE).collect();
        if missing.is_empty() {
            return Ok(read);
        }
        fill_rows(&self.state.pool, self.caller.organisation_id, &missing).await?;
        self.read_rows(token, after).await
    }

    async fn rows(&self, token: Option<PackToken>, after: Option<DocumentId>) -> ApiResult<Pack> {
        let (at, rows) = self.complete_rows(token.as_ref(), after).await?;
        let through = rows.last().filter(|_| rows.len() == ROWS).map(ListedRow::id);
        let mut listed = Listed { after, through, ..Listed::default() };
        for row in rows {
            let readable = DocumentKind::from_code(&row.kind)
                .is_some_and(|kind| self.caller.grants.read_document(kind, &scopes(&row.scopes)));
            let id = row.id();
            match row.row {
                _ if !readable => {}
                Some(json) => listed.rows.push(json.into_bytes().into()),
                None => listed.unlisted.push(id),
            }
        }
        let place = match through {
            Some(_) => PackPlace::Rows { after: through },
            None => PackPlace::Documents { urgency: Urgency::Mine, after: None },
        };
        let begun = token.unwrap_or_else(|| PackToken {
            rights: self.rights.first_chunk().copied().unwrap_or_default(),
            since: at.seq,
            chain: PackToken::chain_of(&at.chain_hash),
            place,
        });
        Ok(self.pack(Some(listed), Vec::new(), Some(PackToken { place, ..begun })))
    }

    async fn documents(
        &self,
        token: PackToken,
        urgency: Urgency,
        after: Option<DocumentId>,
    ) -> ApiResult<Pack> {
        let (organisation, since) = (self.caller.organisation_id, token.since);
        let mut transaction = self.begin(Some(&token)).await?;
        let wanted = Wanted::of(&self.caller.grants, urgency);
        let wanted = (&wanted, since);
        let page =
            queries::sizes(&mut transaction, self.caller, &self.reach, wanted, after, DOCUMENT_BYTES).await?;
        let changed = self.changed(&mut transaction, since, &page.chosen).await?;
        let rows = queries::rows_of(&mut transaction, organisation, &changed).await?;
        let key = self.state.sync.receipt_key();
        let stored =
            snapshots::read(&mut transaction, key, organisation, &self.reach, page.chosen.clone()).await?;
        let (at, _) = end(&mut transaction, organisation).await?;
        transaction.commit().await?;
        let shown = stored.into_iter().filter_map(|stored| visible_snapshot(stored, &self.caller.grants));
        let packed = shown.map(|snapshot| {
            let row = rows.get(&snapshot.document).map(|row| row.as_bytes().to_vec()).unwrap_or_default();
            PackedDocument { snapshot, row: row.into() }
        });
        let place = match (page.is_last, page.chosen.last()) {
            (false, Some(last)) => {
                Some(PackPlace::Documents { urgency, after: Some(DocumentId::from_uuid(*last)) })
            }
            _ => urgency.next().map(|urgency| PackPlace::Documents { urgency, after: None }),
        };
        let pack = self.pack(None, packed.collect(), place.map(|place| PackToken { place, ..token }));
        Ok(Pack { at: Some(at), ..pack })
    }

    /// Which of these documents changed since the load began; their rows may be newer than what was listed.
    async fn changed(
        &self,
        connection: &mut PgConnection,
        since: u64,
        chosen: &[uuid::Uuid],
    ) -> ApiResult<Vec<uuid::Uuid>> {
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let news =
            queries::changed_since(connection, self.caller.organisation_id, since, MOST_CHANGES).await?;
        let Some(news) = news else { return Ok(chosen.to_vec()) };
        let news: HashSet<uuid::Uuid> = news.into_iter().collect();
        Ok(chosen.iter().filter(|id| news.contains(id)).copied().collect())
    }

    fn pack(&self, listed: Option<Listed>, documents: Vec<PackedDocument>, next: Option<PackToken>) -> Pack {
        let next = next.map(|token| token.encode());
        Pack { listed, documents, next, ..Pack::empty(self.rights.clone()) }
    }

    /// A transaction that sees one moment: a document and its row are of the same. What a token names must be in the
    /// history of the feed still: what changed since is looked for from there.
    async fn begin(&self, token: Option<&PackToken>) -> ApiResult<TenantTransaction> {
        let organisation = self.caller.organisation_id;
        let mut transaction = tenant_pages(&self.state.pool, organisation).await?;
        if let Some(token) = token {
            let here = chain_hash(&mut transaction, organisation, token.since).await?;
            if here.is_none_or(|hash| PackToken::chain_of(&hash) != token.chain) {
                return Err(ApiError::conflict(
                    "history_changed",
                    "A backup was restored since. Load again from the start.",
                ));
            }
        }
        Ok(transaction)
    }
}

/// Documents of one urgency, as conditions for the database.
struct Wanted {
    urgency: Urgency,
    /// The scope that says that a document is the person's own.
    own: String,
    /// The sites and teams the person's rights name.
    near: Vec<String>,
}

impl Wanted {
    fn of(grants: &Grants, urgency: Urgency) -> Self {
        let near = grants.grants.iter().filter_map(|grant| match grant.limit {
            GrantLimit::Site(site) => Some(Scope::Site(site).to_string()),
            GrantLimit::Team(team) => Some(Scope::Team(team).to_string()),
            GrantLimit::Organisation | GrantLimit::Own => None,
        });
        Self { urgency, own: Scope::Person(grants.person).to_string(), near: near.collect() }
    }
}
