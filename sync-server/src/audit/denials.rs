//! Writing down that somebody was not let do something. What was refused changed nothing, so the entry has a transaction of its
//! own, and a refusal stands also when it cannot be written.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use parking_lot::Mutex;
use shared_model::audit::{Action, Said};
use shared_model::identity::PersonId;
use shared_model::instant::{MINUTE_MS, Timestamp};

use super::{Note, append};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::ApiError;

/// The same refusal is written down at most so often: whoever asks again and again must not fill the trail.
const AGAIN_AFTER_MS: i64 = MINUTE_MS;
/// Refusals that are remembered for that.
const MOST_REMEMBERED: usize = 4_096;

/// Who turned out to call, for what is around the handler.
#[derive(Clone, Default)]
struct Identified(Arc<OnceLock<Caller>>);

/// Says who calls.
pub fn identify(parts: &Parts, caller: &Caller) {
    if let Some(Identified(known)) = parts.extensions.get() {
        // A handler that asks twice hears the same.
        let _ = known.set(caller.clone());
    }
}

/// Refusals of the last minute.
#[derive(Default)]
pub struct Recent(Mutex<HashMap<(PersonId, String), Timestamp>>);

impl Recent {
    /// Is it the first of its kind for a while?
    fn is_new(&self, person: PersonId, operation: &str, now: Timestamp) -> bool {
        let mut known = self.0.lock();
        if known.len() >= MOST_REMEMBERED {
            known.retain(|_, at| now.millis_since(*at) < AGAIN_AFTER_MS);
        }
        let key = (person, operation.to_owned());
        let is_new = known.get(&key).is_none_or(|at| now.millis_since(*at) >= AGAIN_AFTER_MS);
        if is_new && known.len() < MOST_REMEMBERED {
            known.insert(key, now);
        }
        is_new
    }
}

/// Looks at every answer on its way out.
pub async fn note(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let identified = Identified::default();
    request.extensions_mut().insert(identified.clone());
    let (method, path) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    let response = next.run(request).await;
    let (Some(permission), Some(caller)) = (refused_for(&response), identified.0.get()) else {
        return response;
    };
    let operation = format!("{method} {}", path.as_ref().map_or("", MatchedPath::as_str));
    if state.denials.is_new(caller.person_id, &operation, state.clock.now())
        && let Err(error) = write(&state, caller, operation, permission).await
    {
        tracing::warn!(cause = %error, "a refusal could not be written into the audit trail");
    }
    response
}

/// The right that was lacking.
fn refused_for(response: &Response) -> Option<Said> {
    if response.status() != StatusCode::FORBIDDEN {
        return None;
    }
    let members = &response.extensions().get::<ApiError>()?.members;
    let permission = members.get("permission").or_else(|| members.get("detail"))?;
    permission.as_str().map(Into::into)
}

async fn write(state: &AppState, caller: &Caller, operation: String, permission: Said) -> sqlx::Result<()> {
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let note = Note::by_caller(caller, Action::AccessDenied)
        .with("operation", None, Some(operation.into()))
        .with("permission", None, Some(permission));
    append(&mut transaction, caller.organisation_id, note, state.clock.now()).await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_refusal_is_new_once_a_minute() {
        let recent = Recent::default();
        let (ann, bob) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let at = Timestamp::from_millis;
        assert!(recent.is_new(ann, "GET /api/people", at(0)));
        assert!(!recent.is_new(ann, "GET /api/people", at(59_999)));
        assert!(recent.is_new(ann, "GET /api/teams", at(1)));
        assert!(recent.is_new(bob, "GET /api/people", at(1)));
        assert!(recent.is_new(ann, "GET /api/people", at(60_000)));
        for n in 0..2 * MOST_REMEMBERED {
            recent.is_new(ann, &format!("GET /{n}"), at(70_000));
        }
        assert!(recent.0.lock().len() <= MOST_REMEMBERED);
    }
}
