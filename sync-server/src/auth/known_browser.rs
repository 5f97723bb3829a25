//! Browsers that somebody signed in on before. Each keeps a mark for each account (OWASP calls it a device cookie), and wrong
//! passwords from it are counted apart from those of strangers: who guesses somewhere else shuts nobody out here.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use shared_model::hex;
use shared_model::identity::OrganisationId;

use crate::app_state::AppState;
use crate::random;

/// The longest that browsers keep a cookie.
const KEEP_SECONDS: i64 = 400 * 24 * 60 * 60;
const NUMBER_BYTES: usize = 16;

/// The number a browser was given for an account; `None`: it is a stranger's.
pub(super) fn number(
    state: &AppState,
    headers: &HeaderMap,
    organisation: OrganisationId,
    email: &str,
) -> Option<[u8; NUMBER_BYTES]> {
    let value = state.cookie.named(&name(organisation, email)).read(headers)?;
    let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
    let (number, mark) = bytes.split_first_chunk::<NUMBER_BYTES>()?;
    state.factor_key.is_marked(&message(organisation, email, number), mark).then_some(*number)
}

/// The cookie by which a browser is known from now on.
pub(super) fn greet(
    state: &AppState,
    headers: &HeaderMap,
    organisation: OrganisationId,
    email: &str,
) -> HeaderValue {
    let number = number(state, headers, organisation, email).unwrap_or_else(random::bytes);
    let mark = state.factor_key.mark(&message(organisation, email, &number));
    let value = URL_SAFE_NO_PAD.encode([&number, mark.as_ref()].concat());
    state.cookie.named(&name(organisation, email)).set(&value, KEEP_SECONDS)
}

/// Several people may use a browser; a cookie's name does not tell who. The same address in another organisation is another person,
/// whom somebody else may have written down there.
fn name(organisation: OrganisationId, email: &str) -> String {
    hex::encode(&digest(&SHA256, &[organisation.as_bytes(), email.as_bytes()].concat()).as_ref()[..8])
}

fn message(organisation: OrganisationId, email: &str, number: &[u8; NUMBER_BYTES]) -> Vec<u8> {
    [b"known browser\0", &organisation.as_bytes()[..], email.as_bytes(), b"\0", number].concat()
}
