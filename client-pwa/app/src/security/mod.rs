//! How this person's account is opened: passkeys, the authenticator app, recovery codes, and where it is open now. It is asked of
//! the server, so there is nothing to see here without a network.

mod api;
mod codes_dialog;
mod page;
mod passkeys;
mod password_dialog;
mod proof_dialog;
mod rule_field;
mod set_up_dialog;

pub use api::explain;
pub use page::SecurityPage;
pub use proof_dialog::ProofDialog;
pub use rule_field::RuleField;
