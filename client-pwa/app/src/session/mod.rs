//! Who is signed in on this device. The answer of the server is kept, so that the app starts without a network;
//! an ended session never signs anybody out and never loses what they saved.

mod api;
mod connection;
mod devices;
mod forgotten;
mod frame;
mod join_page;
mod organisation_choice;
pub mod passkey;
mod password_field;
mod second_step;
mod sessions_page;
mod sign_in_page;
mod sign_out;
mod waiting;

pub use api::{ApiProblem, ask, call, end_session, passkey_challenge, renew, tell};
pub use devices::deposit_credential;
pub use join_page::{JoinPage, token as join_token};
pub use password_field::PasswordField;
pub use sessions_page::SessionsPage;
pub use sign_in_page::{SignInAgain, SignInPage};
pub use sign_out::SignOut;
pub use waiting::remember_waiting;

use std::rc::Rc;

use shared_model::account::SignedIn;
use shared_model::permission::{Grants, Role};
use yew::prelude::*;

use crate::browser;

const STORED: &str = "maintainpro.session";
/// Somebody signed out without a network: the server is told at the next chance.
const ENDED_OFFLINE: &str = "maintainpro.session-ended";

/// The person signed in and the way out.
#[derive(Clone, PartialEq)]
pub struct Session {
    pub signed_in: Rc<SignedIn>,
    /// Replaced when somebody signs in again or out.
    pub change: Callback<Option<SignedIn>>,
}

impl Session {
    /// Their rights.
    pub fn grants(&self) -> Grants {
        grants_of(&self.signed_in)
    }

    /// The role that decides where they land.
    pub fn role(&self) -> Option<Role> {
        self.signed_in.roles.first().copied()
    }
}

/// The session of this page.
#[hook]
pub fn use_session() -> Session {
    use_context::<Session>().expect("pages stand below the session")
}

/// The rights the server answered with.
pub fn grants_of(signed_in: &SignedIn) -> Grants {
    Grants { person: signed_in.person.id, grants: signed_in.grants.clone() }
}

/// The session kept on this device.
pub fn stored() -> Option<SignedIn> {
    browser::stored(STORED).and_then(|json| serde_json::from_slice(json.as_bytes()).ok())
}

/// Keeps the session, or forgets it.
pub fn store(session: Option<&SignedIn>) {
    match session {
        Some(signed_in) => {
            let mut kept = signed_in.clone();
            // It opens nothing by itself, but it belongs with the device, not with the session.
            kept.device.deposit_credential = None;
            browser::store(STORED, &serde_json::to_string(&kept).unwrap_or_default());
        }
        None => browser::forget(STORED),
    }
}

/// A sign-out the server has not heard of yet.
pub fn ended_offline() -> bool {
    browser::stored(ENDED_OFFLINE).is_some()
}

/// Notes or clears a sign-out the server has not heard of.
pub fn set_ended_offline(ended: bool) {
    if ended {
        browser::store(ENDED_OFFLINE, "1");
    } else {
        browser::forget(ENDED_OFFLINE);
    }
}
