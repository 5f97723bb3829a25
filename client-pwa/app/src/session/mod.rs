//! Who works on this device, and how their data is locked. The answer of the server is kept, so that the app starts without a
//! network; an ended session never signs anybody out and never loses what they saved.

mod api;
mod before;
mod choose_page;
mod connection;
mod device_list;
mod device_passkey;
mod device_rule;
mod erase;
mod forgotten;
mod frame;
mod join_page;
mod leave;
mod lock_page;
mod obey;
mod organisation_choice;
pub mod passkey;
mod password_field;
mod pin_form;
mod profiles;
mod second_step;
mod sessions_page;
mod set_pin_page;
mod sign_in_page;
mod sign_out;
mod stage;
mod unlock_page;
mod vault;
mod wiped;

pub use api::{ApiProblem, ask, call, download, passkey_challenge, renew, set_device, tell, upload};
pub use choose_page::ChoosePage;
pub use device_list::DeviceList;
pub use device_rule::DeviceRule;
pub use join_page::{JoinPage, token as join_token};
pub use leave::leave;
pub use lock_page::LockPage;
pub use password_field::PasswordField;
pub use profiles::{Profile, change as change_profile, note_rights, of as profile_of, set_current, sign_out};
pub use sessions_page::SessionsPage;
pub use set_pin_page::SetPinPage;
pub use sign_in_page::{SignInAgain, SignInPage};
pub use sign_out::SignOut;
pub use stage::{Stage, begin, enter, keep, signed_in, unlocked, who};
pub use unlock_page::{Opened, UnlockPage};
pub use wiped::{WipedPage, forget as forget_wiped};

use std::rc::Rc;

use shared_model::account::SignedIn;
use shared_model::identity::DeviceId;
use shared_model::permission::{Grants, Role};
use yew::prelude::*;

/// The person signed in and the way out.
#[derive(Clone, PartialEq)]
pub struct Session {
    pub signed_in: Rc<SignedIn>,
    /// Replaced when somebody signs in again or out.
    pub change: Callback<Option<SignedIn>>,
}

impl Session {
    /// The server has answered anew who this is. Whoever signed out, or gave the device to somebody else, while that was under way
    /// has done so: then it is no news.
    pub fn renewed(&self, fresh: SignedIn) {
        let is_here = profiles::current().is_some_and(|at_work| {
            at_work.device == fresh.device.id && at_work.person == fresh.person.id && !at_work.signed_out
        });
        if is_here && fresh.device.id == self.signed_in.device.id {
            self.change.emit(Some(fresh));
        }
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

/// What of the server's answer is kept with the database. The credential belongs with the install.
pub fn kept(signed_in: &SignedIn) -> String {
    let mut kept = signed_in.clone();
    kept.device.deposit_credential = None;
    serde_json::to_string(&kept).unwrap_or_default()
}

/// Notes how many changes of an install the server does not have.
pub fn remember_waiting(device: DeviceId, count: usize) {
    if profiles::of(device).is_some_and(|profile| profile.waiting != count) {
        change_profile(device, |profile| profile.waiting = count);
    }
}
