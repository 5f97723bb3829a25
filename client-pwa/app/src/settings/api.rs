//! What is asked of the server about settings.

use shared_model::organisation::{OrganisationChange, OrganisationSettings};
use shared_model::personal_settings::{PersonalSettings, PersonalSettingsChange};
use web_sys::Blob;
use yew::AttrValue;

use crate::locale::t;
use crate::session::{ApiProblem, ask, call, upload};

const ORGANISATION: &str = "/api/organisation/settings";
const LOGO: &str = "/api/organisation/logo";
const OWN: &str = "/api/account/settings";
const NOTHING: Option<&()> = None;

pub(super) async fn organisation() -> Result<OrganisationSettings, ApiProblem> {
    call("GET", ORGANISATION, NOTHING).await
}

pub(super) async fn change_organisation(
    change: &OrganisationChange,
) -> Result<OrganisationSettings, ApiProblem> {
    call("PATCH", ORGANISATION, Some(change)).await
}

pub(super) async fn put_logo(file: &Blob) -> Result<(), ApiProblem> {
    upload("PUT", LOGO, file).await
}

pub(super) async fn remove_logo() -> Result<(), ApiProblem> {
    ask("DELETE", LOGO, None).await.map(drop)
}

pub(super) async fn own() -> Result<PersonalSettings, ApiProblem> {
    call("GET", OWN, NOTHING).await
}

pub(super) async fn change_own(change: &PersonalSettingsChange) -> Result<PersonalSettings, ApiProblem> {
    call("PATCH", OWN, Some(change)).await
}

/// Why it did not work, for whoever tried.
pub(super) fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "logo_too_large" | "body_too_large" => t!("logo-too-large"),
        "logo_format" => t!("logo-format"),
        "logo_side" => t!("logo-side"),
        "value" => t!("settings-value"),
        "forbidden" => t!("people-forbidden"),
        "not_signed_in" | "session_replayed" => t!("people-sign-in"),
        _ => t!("people-unreachable"),
    }
}
