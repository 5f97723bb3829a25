//! What passkeys of this server are bound to. A passkey belongs to the name of a host: an address of numbers has none, and
//! browsers make none without https, but for `localhost`. The name is that of the public address as it is configured, never what
//! a request says, which whoever stands between could choose.

use serde::{Deserialize, Serialize};
use shared_model::identity::{OrganisationId, PersonId};
use webauthn_rs::prelude::{
    AuthenticationResult, CreationChallengeResponse, DiscoverableAuthentication, Passkey,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, RequestChallengeResponse, Url,
    Webauthn, WebauthnBuilder, WebauthnResult,
};
use webauthn_rs_proto::{AllowCredentials, ResidentKeyRequirement};

use crate::auth::Caller;

const NAME: &str = "MaintainPro";
const LOCALHOST: &str = "localhost";

/// This server, as passkeys know it.
pub struct RelyingParty {
    host: String,
    webauthn: Webauthn,
}

/// Whose a passkey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    pub(super) organisation: OrganisationId,
    pub(super) person: PersonId,
}

impl Owner {
    /// Whoever calls.
    pub(super) fn of(caller: &Caller) -> Self {
        Self { organisation: caller.organisation_id, person: caller.person_id }
    }

    /// Which person of which organisation, in bytes. A passkey keeps them: they name nobody, and lead to the organisation before
    /// anybody is looked up. A secret that is sealed with them opens in the row of its person only.
    pub(super) fn handle(self) -> Vec<u8> {
        [*self.organisation.as_bytes(), *self.person.as_bytes()].concat()
    }

    fn of_handle(handle: &[u8]) -> Option<Self> {
        let (organisation, person) = handle.split_first_chunk::<16>()?;
        let person = <[u8; 16]>::try_from(person).ok()?;
        Some(Self {
            organisation: OrganisationId::from_bytes(*organisation),
            person: PersonId::from_bytes(person),
        })
    }
}

impl RelyingParty {
    /// At the public address, or on this machine alone where there is none; `None`: there can be no passkeys.
    pub fn of_origin(public_origin: Option<&str>) -> Option<Self> {
        let is_local = public_origin.is_none();
        let origin = Url::parse(public_origin.unwrap_or("http://localhost")).ok()?;
        let host = origin.domain()?.to_owned();
        // Browsers trust names of this machine without https.
        let is_own_machine = host == LOCALHOST || host.ends_with(".localhost");
        if origin.scheme() != "https" && !is_own_machine {
            return None;
        }
        let mut builder = WebauthnBuilder::new(&host, &origin).ok()?.rp_name(NAME).allow_any_port(is_local);
        let secure = Url::parse("https://localhost").ok()?;
        if is_local {
            builder = builder.append_allowed_origin(&secure);
        }
        let webauthn = builder.build().ok()?;
        Some(Self { host, webauthn })
    }

    /// The host that passkeys belong to.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// What a new passkey is made with, by a device that has none of these yet. It is one that can be found without a name, so
    /// that it opens a session alone.
    pub(super) fn begin_making(
        &self,
        owner: Owner,
        email: &str,
        display_name: &str,
        known: Vec<Vec<u8>>,
    ) -> WebauthnResult<(CreationChallengeResponse, PasskeyRegistration)> {
        let person = owner.person.as_uuid();
        let (mut challenge, state) =
            self.webauthn.start_passkey_registration(person, email, display_name, Some(known))?;
        let options = &mut challenge.public_key;
        options.user.id = owner.handle();
        if let Some(wanted) = &mut options.authenticator_selection {
            wanted.resident_key = Some(ResidentKeyRequirement::Required);
            wanted.require_resident_key = true;
        }
        Ok((challenge, state))
    }

    /// The passkey that was made.
    pub(super) fn finish_making(
        &self,
        made: &RegisterPublicKeyCredential,
        state: &PasskeyRegistration,
    ) -> WebauthnResult<Passkey> {
        self.webauthn.finish_passkey_registration(made, state)
    }

    /// What a passkey is shown with: one of these, or any of this host when there are none.
    pub(super) fn begin_showing(
        &self,
        wanted: Vec<Vec<u8>>,
    ) -> WebauthnResult<(RequestChallengeResponse, DiscoverableAuthentication)> {
        let (mut challenge, state) = self.webauthn.start_discoverable_authentication()?;
        let allowed = |id| AllowCredentials { type_: "public-key".to_owned(), id, transports: None };
        challenge.public_key.allow_credentials = wanted.into_iter().map(allowed).collect();
        Ok((challenge, state))
    }

    /// Is it this passkey that was shown, with a finger, a face or a PIN?
    pub(super) fn finish_showing(
        &self,
        shown: &PublicKeyCredential,
        state: DiscoverableAuthentication,
        passkey: &Passkey,
    ) -> WebauthnResult<AuthenticationResult> {
        self.webauthn.finish_discoverable_authentication_v2(shown, state, passkey)
    }
}

/// Whose passkey it says it is.
pub(super) fn claimed_owner(shown: &PublicKeyCredential) -> Option<Owner> {
    Owner::of_handle(shown.get_user_unique_id()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_https_or_this_machine() {
        let host = |origin| RelyingParty::of_origin(origin).map(|party| party.host);
        assert_eq!(host(None).as_deref(), Some("localhost"));
        assert_eq!(host(Some("https://m.example")).as_deref(), Some("m.example"));
        assert_eq!(host(Some("https://m.example:8443")).as_deref(), Some("m.example"));
        assert_eq!(host(Some("http://localhost:8080")).as_deref(), Some("localhost"));
        assert_eq!(host(Some("http://m.localhost:8080")).as_deref(), Some("m.localhost"));
        for none in [
            "http://m.example",
            "http://evillocalhost",
            "http://127.0.0.1:8080",
            "https://10.0.0.5",
            "https://[::1]",
        ] {
            assert_eq!(host(Some(none)), None, "{none}");
        }
    }

    #[test]
    fn an_owner_survives_their_handle() {
        let owner = Owner {
            organisation: OrganisationId::from_bytes([1; 16]),
            person: PersonId::from_bytes([2; 16]),
        };
        assert_eq!(Owner::of_handle(&owner.handle()), Some(owner));
        for wrong in [&[][..], &[1; 16], &[1; 31], &[1; 33]] {
            assert_eq!(Owner::of_handle(wrong), None);
        }
    }
}
