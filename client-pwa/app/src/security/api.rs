//! What is asked of the server about the account.

use shared_model::identity::PasskeyId;
use shared_model::people::NewPassword;
use shared_model::second_factor::{
    AuthenticatorConfirmation, AuthenticatorSecret, Factors, NewPasskey, PasskeyChallenge, PasskeyName,
    Proof, RecoveryCodes, SecurityRules,
};
use yew::AttrValue;

use crate::locale::t;
use crate::session::{ApiProblem, ask, call, passkey, passkey_challenge, tell};

const FACTORS: &str = "/api/account/factors";
const APP: &str = "/api/account/authenticator-app";
const PASSKEYS: &str = "/api/account/passkeys";
const RULES: &str = "/api/organisation/security";
const NOTHING: Option<&()> = None;

/// Why something did not work.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// Show first who you are.
    ProofRequired,
    Said(AttrValue),
}

impl From<ApiProblem> for Failure {
    fn from(problem: ApiProblem) -> Self {
        match problem.code() {
            "proof_required" => Self::ProofRequired,
            _ => Self::Said(explain(&problem)),
        }
    }
}

pub(super) async fn factors() -> Result<Factors, ApiProblem> {
    call("GET", FACTORS, NOTHING).await
}

pub(super) async fn draw_secret() -> Result<AuthenticatorSecret, ApiProblem> {
    call("POST", APP, NOTHING).await
}

pub(super) async fn confirm_app(token: String, code: String) -> Result<RecoveryCodes, ApiProblem> {
    call("POST", &format!("{APP}/confirm"), Some(&AuthenticatorConfirmation { token, code })).await
}

pub(super) async fn remove_app() -> Result<(), ApiProblem> {
    ask("DELETE", APP, None).await.map(drop)
}

pub(super) async fn make_codes() -> Result<RecoveryCodes, ApiProblem> {
    call("POST", "/api/account/recovery-codes", NOTHING).await
}

/// Makes a passkey on this device and gives it to the server.
pub(super) async fn add_passkey(name: String) -> Result<RecoveryCodes, Failure> {
    let begun: Result<PasskeyChallenge, _> = call("POST", &format!("{PASSKEYS}/challenge"), NOTHING).await;
    let challenge = begun?;
    let made = passkey::make(&challenge.options).await.map_err(Failure::Said)?;
    let new = NewPasskey { token: challenge.token, name, passkey: made };
    Ok(call("POST", PASSKEYS, Some(&new)).await?)
}

pub(super) async fn rename_passkey(id: PasskeyId, name: String) -> Result<(), ApiProblem> {
    tell("PATCH", &format!("{PASSKEYS}/{id}"), &PasskeyName { name }).await
}

pub(super) async fn remove_passkey(id: PasskeyId) -> Result<(), ApiProblem> {
    ask("DELETE", &format!("{PASSKEYS}/{id}"), None).await.map(drop)
}

/// Shows who this is, with a password.
pub(super) async fn prove(password: String) -> Result<(), ApiProblem> {
    prove_with(Proof { password: Some(password), token: None, passkey: None }).await
}

/// The same with a passkey.
pub(super) async fn prove_with_passkey() -> Result<(), AttrValue> {
    let challenge = passkey_challenge().await.map_err(|problem| explain(&problem))?;
    let shown = passkey::show(&challenge.options).await?;
    let proof = Proof { password: None, token: Some(challenge.token), passkey: Some(shown) };
    prove_with(proof).await.map_err(|problem| explain(&problem))
}

async fn prove_with(proof: Proof) -> Result<(), ApiProblem> {
    tell("POST", "/api/session/proof", &proof).await
}

/// Chooses another password; this device goes on.
pub(super) async fn change_password(password: String) -> Result<(), ApiProblem> {
    tell("PUT", "/api/account/password", &NewPassword { password }).await
}

pub(super) async fn rules() -> Result<SecurityRules, ApiProblem> {
    call("GET", RULES, NOTHING).await
}

pub(super) async fn change_rules(rules: SecurityRules) -> Result<SecurityRules, ApiProblem> {
    call("PUT", RULES, Some(&rules)).await
}

/// Why it did not work, for whoever tried.
pub fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "weak_password" | "invalid_password" => t!("join-weak"),
        "wrong_code" => t!("security-wrong-code"),
        "wrong_credentials" => t!("security-wrong-password"),
        "wrong_second_factor" => t!("passkey-unknown"),
        "wrong_passkey" | "passkeys_unavailable" => t!("passkey-not-possible"),
        "passkey_known" => t!("passkey-already-here"),
        "passkey_copied" => t!("passkey-copied"),
        "too_many_passkeys" => t!("passkey-too-many"),
        "last_second_factor" => t!("security-last"),
        "sign_in_expired" => t!("second-step-expired"),
        "too_many_attempts" => t!("sign-in-throttled"),
        "not_signed_in" | "session_replayed" => t!("people-sign-in"),
        "value" => t!("passkey-name-needed"),
        _ => t!("people-unreachable"),
    }
}
