//! Whether the sessions behind open sockets are still good, asked before every push. Many ask at once, when a batch has been
//! answered: who comes while a look into the database is under way waits for the next one, which is for all of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use shared_model::identity::{OrganisationId, SessionId};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::Caller;
use super::session::{self, Standing};
use crate::app_state::AppState;
use crate::database::tenant_transaction;

/// Sessions of one look.
const MOST: usize = 256;

type Answer = Result<Standing, Arc<sqlx::Error>>;

struct Asking {
    session: SessionId,
    answer: oneshot::Sender<Answer>,
}

/// Who waits, by organisation. Where there is an entry, somebody is looking.
#[derive(Default)]
pub struct Checks(Mutex<HashMap<OrganisationId, Vec<Asking>>>);

impl Checks {
    /// How the session of this caller stands, read after this was asked.
    pub async fn standing(&self, state: &AppState, caller: &Caller) -> anyhow::Result<Standing> {
        let Some(session) = caller.session_id else { return Ok(Standing::Ended) };
        let (answer, answered) = oneshot::channel();
        if self.queue(caller.organisation_id, Asking { session, answer }) {
            let (state, organisation) = (state.clone(), caller.organisation_id);
            tokio::spawn(async move { look_for_all(&state, organisation).await });
        }
        Ok(answered.await??)
    }

    /// True: nobody is looking, so whoever asks has to begin.
    fn queue(&self, organisation: OrganisationId, asking: Asking) -> bool {
        let mut waiting = self.0.lock();
        let is_first = !waiting.contains_key(&organisation);
        waiting.entry(organisation).or_default().push(asking);
        is_first
    }

    /// Those who wait; nobody: the next one begins anew.
    fn take(&self, organisation: OrganisationId) -> Vec<Asking> {
        let mut waiting = self.0.lock();
        let Some(queue) = waiting.get_mut(&organisation) else { return Vec::new() };
        let rest = queue.split_off(queue.len().min(MOST));
        let taken = std::mem::replace(queue, rest);
        if taken.is_empty() {
            waiting.remove(&organisation);
        }
        taken
    }
}

/// Lets those who wait go, should whoever looks for them fail.
struct Looking<'a> {
    checks: &'a Checks,
    organisation: OrganisationId,
    is_done: bool,
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.checks.0.lock().remove(&self.organisation);
        }
    }
}

/// Looks until nobody waits.
async fn look_for_all(state: &AppState, organisation: OrganisationId) {
    let mut looking = Looking { checks: &state.checks, organisation, is_done: false };
    loop {
        let asking = state.checks.take(organisation);
        if asking.is_empty() {
            looking.is_done = true;
            return;
        }
        let sessions: BTreeSet<SessionId> = asking.iter().map(|one| one.session).collect();
        let looked = look(state, organisation, sessions.into_iter().map(SessionId::as_uuid).collect()).await;
        let looked = looked.map_err(Arc::new);
        for Asking { session, answer } in asking {
            let standing = looked.as_ref().map(|all| all.get(&session).cloned().unwrap_or(Standing::Ended));
            // A socket that is gone needs no answer.
            let _ = answer.send(standing.map_err(Arc::clone));
        }
    }
}

async fn look(
    state: &AppState,
    organisation: OrganisationId,
    sessions: Vec<Uuid>,
) -> sqlx::Result<HashMap<SessionId, Standing>> {
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    session::standings(&mut transaction, organisation, sessions, state.clock.now()).await
}
