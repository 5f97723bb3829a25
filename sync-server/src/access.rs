//! Who may call what: every operation of the HTTP API with what it takes. The OpenAPI document shows it as `x-access`; tests hold
//! the table against the document both ways, and every role against every line of it.

use shared_model::document::DocumentKind;
use shared_model::permission::Permission;
use utoipa::openapi::OpenApi;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation as Documented, PathItem};

use crate::features;

/// What it takes to call an operation. Whatever it shows is what the caller's grants reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// No session; the reason.
    Open(&'static str),
    /// A session.
    SignedIn,
    /// A session, and the permission in some grant.
    Holding(Permission),
    /// As `Holding`; to anybody else it is not there.
    HiddenWithout(Permission),
    /// A session, and the permission in a grant without a limit.
    Everywhere(Permission),
    /// Reading the document of this kind (of any: `None`) that is named, and the permission on it, if there is one.
    Document(Option<DocumentKind>, Option<Permission>),
    /// What the command takes: `Command::rights`.
    OfCommand,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// As the OpenAPI document spells it.
    pub method: &'static str,
    /// The same.
    pub path: &'static str,
    /// What it takes.
    pub access: Access,
}

pub(crate) const fn operation(method: &'static str, path: &'static str, access: Access) -> Operation {
    Operation { method, path, access }
}

const ADMIN: Access = Access::Everywhere(Permission::OrganisationAdmin);
const LINK: Access =
    Access::Open("people who have no password yet, or not any more; the secret is in the body");
const CREDENTIAL: Access = Access::Open("devices nobody can sign in on; they have a credential");
const OPERATOR: Access = Access::Open("whoever runs the server; metrics have a token of their own");

/// The operations of the mechanisms; features bring theirs.
const OPERATIONS: &[Operation] = &[
    operation("get", "/healthz", OPERATOR),
    operation("get", "/readyz", OPERATOR),
    operation("get", "/metrics", OPERATOR),
    operation("get", "/api/openapi.json", Access::Open("what the server can do, not what anybody did")),
    operation("post", "/api/session", Access::Open("signing in")),
    operation("get", "/api/session", Access::SignedIn),
    operation("delete", "/api/session", Access::SignedIn),
    operation("post", "/api/session/second-step", Access::Open("signing in")),
    operation("post", "/api/session/passkey-challenge", Access::Open("signing in")),
    operation("post", "/api/session/passkey", Access::Open("signing in")),
    operation("post", "/api/session/proof", Access::SignedIn),
    operation("put", "/api/account/password", Access::SignedIn),
    operation("get", "/api/account/factors", Access::SignedIn),
    operation("post", "/api/account/authenticator-app", Access::SignedIn),
    operation("post", "/api/account/authenticator-app/confirm", Access::SignedIn),
    operation("delete", "/api/account/authenticator-app", Access::SignedIn),
    operation("post", "/api/account/recovery-codes", Access::SignedIn),
    operation("post", "/api/account/passkeys/challenge", Access::SignedIn),
    operation("post", "/api/account/passkeys", Access::SignedIn),
    operation("patch", "/api/account/passkeys/{id}", Access::SignedIn),
    operation("delete", "/api/account/passkeys/{id}", Access::SignedIn),
    operation("post", "/api/account-links/read", LINK),
    operation("post", "/api/account-links/strength", LINK),
    operation("post", "/api/account-links/use", LINK),
    operation("post", "/api/password-resets", LINK),
    // One's own; those of others are for whoever administers the organisation.
    operation("get", "/api/sessions", Access::SignedIn),
    operation("delete", "/api/sessions", Access::SignedIn),
    operation("delete", "/api/sessions/{id}", Access::SignedIn),
    operation("get", "/api/devices", Access::SignedIn),
    operation("delete", "/api/devices/{id}/sessions", Access::SignedIn),
    operation("post", "/api/devices/{id}/wipe", Access::SignedIn),
    operation("delete", "/api/devices/{id}/wipe", Access::SignedIn),
    operation("get", "/api/device-orders", CREDENTIAL),
    operation("post", "/api/device-orders/wiped", CREDENTIAL),
    operation("get", "/api/organisation/device-lock", ADMIN),
    operation("put", "/api/organisation/device-lock", ADMIN),
    operation("get", "/api/people", ADMIN),
    operation("post", "/api/people", ADMIN),
    operation("get", "/api/people/{id}", ADMIN),
    operation("patch", "/api/people/{id}", ADMIN),
    operation("post", "/api/people/{id}/links", ADMIN),
    operation("get", "/api/people/{id}/personal-data", ADMIN),
    operation("post", "/api/people/{id}/erase", ADMIN),
    operation("delete", "/api/people/{id}/factors", ADMIN),
    operation("get", "/api/organisation/security", ADMIN),
    operation("put", "/api/organisation/security", ADMIN),
    operation("get", "/api/organisation/settings", ADMIN),
    operation("patch", "/api/organisation/settings", ADMIN),
    operation("get", "/api/organisation/logo", Access::SignedIn),
    operation("put", "/api/organisation/logo", ADMIN),
    operation("delete", "/api/organisation/logo", ADMIN),
    operation("get", "/api/account/settings", Access::SignedIn),
    operation("patch", "/api/account/settings", Access::SignedIn),
    operation("get", "/api/roles", ADMIN),
    operation("post", "/api/roles", ADMIN),
    operation("patch", "/api/roles/{id}", ADMIN),
    operation("get", "/api/teams", ADMIN),
    operation("post", "/api/teams", ADMIN),
    operation("patch", "/api/teams/{id}", ADMIN),
    operation("get", "/api/api-keys", ADMIN),
    operation("post", "/api/api-keys", ADMIN),
    operation("delete", "/api/api-keys/{id}", ADMIN),
    operation("get", "/api/audit", ADMIN),
    // Everybody's device is a witness.
    operation("get", "/api/audit/head", Access::SignedIn),
    operation("get", "/api/audit/export.json", ADMIN),
    operation("get", "/api/audit/export.csv", ADMIN),
    operation("get", "/api/audit/retention", ADMIN),
    operation("put", "/api/audit/retention", ADMIN),
    operation("get", "/api/legal-holds", ADMIN),
    operation("post", "/api/legal-holds", ADMIN),
    operation("delete", "/api/legal-holds/{id}", ADMIN),
    operation("get", "/api/directory", Access::SignedIn),
    operation("post", "/api/socket-tickets", Access::SignedIn),
    operation("get", "/sync", Access::Open("a one-time ticket stands for the session")),
    operation("get", "/api/automerge-repo", Access::SignedIn),
    operation("get", "/api/packs", Access::SignedIn),
    operation("post", "/api/commands", Access::OfCommand),
    operation("get", "/api/documents/{id}/timeline", Access::Document(None, None)),
    operation("get", "/api/documents/{id}/as-of", Access::Document(None, None)),
    operation("delete", "/api/documents/{id}", Access::Document(None, Some(Permission::DELETE_DOCUMENTS))),
    operation("post", "/api/deposits", CREDENTIAL),
    operation("get", "/api/deposits", Access::Holding(Permission::DECIDE_DEPOSITS)),
    operation("post", "/api/deposits/{id}/accept", Access::HiddenWithout(Permission::DECIDE_DEPOSITS)),
    operation("post", "/api/deposits/{id}/decline", Access::HiddenWithout(Permission::DECIDE_DEPOSITS)),
];

/// Every operation.
pub fn operations() -> impl Iterator<Item = Operation> {
    let of_features = features::ALL.iter().flat_map(|feature| feature.operations);
    OPERATIONS.iter().chain(of_features).copied()
}

impl Access {
    /// In a line of the OpenAPI document.
    fn describe(self) -> String {
        match self {
            Self::Open(reason) => format!("open: {reason}"),
            Self::SignedIn => "a session".to_owned(),
            Self::Holding(permission) | Self::HiddenWithout(permission) => permission.code().to_owned(),
            Self::Everywhere(permission) => format!("{} without a limit", permission.code()),
            Self::Document(kind, permission) => {
                let read = kind.map_or("reading the document", |kind| kind.read_permission().code());
                let more =
                    permission.map(|permission| format!(", {}", permission.code())).unwrap_or_default();
                format!("{read}{more}, on the document")
            }
            Self::OfCommand => "what the command takes".to_owned(),
        }
    }
}

/// Writes into the document what each operation takes.
pub(crate) fn describe(document: &mut OpenApi) {
    for operation in operations() {
        let item = document.paths.paths.get_mut(operation.path);
        if let Some(documented) = item.and_then(|item| documented(item, operation.method)) {
            let access = ExtensionsBuilder::new().add("x-access", operation.access.describe());
            documented.extensions = Some(access.build());
        }
    }
}

fn documented<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Documented> {
    match method {
        "get" => item.get.as_mut(),
        "post" => item.post.as_mut(),
        "put" => item.put.as_mut(),
        "patch" => item.patch.as_mut(),
        "delete" => item.delete.as_mut(),
        _ => None,
    }
}
