//! Every table that belongs to organisations, and what of it an organisation gets when it takes its data away. A test holds this list
//! against the database, so that no table is forgotten.

/// What of a table is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Its rows.
    Rows,
    /// Its rows without these columns, which are good for signing in and for nothing else.
    RowsWithout(&'static [&'static str]),
    /// Nothing: it is secrets, or is made of what is exported and of no use elsewhere.
    Nothing,
}

/// The tables by name, in alphabetical order.
pub const TABLES: &[(&str, Share)] = &[
    ("account_link", Share::Nothing),
    ("actor", Share::Rows),
    ("api_key", Share::RowsWithout(&["token_hash"])),
    ("asset", Share::Rows),
    ("audit_entry", Share::Rows),
    ("audit_head", Share::Rows),
    ("audit_log", Share::Rows),
    ("audit_node", Share::Rows),
    // Its secrets open with this installation's key alone.
    ("authenticator_app", Share::RowsWithout(&["sealed_secret"])),
    ("checklist_answer", Share::Rows),
    ("checklist_template", Share::Rows),
    ("command", Share::Rows),
    ("comment", Share::Rows),
    ("conflict", Share::Rows),
    ("cost_entry", Share::Rows),
    ("credential", Share::Nothing),
    ("device", Share::RowsWithout(&["deposit_credential_hash"])),
    ("directory_version", Share::Rows),
    // The documents go out whole, as files.
    ("document", Share::RowsWithout(&["snapshot"])),
    ("document_row", Share::Nothing),
    ("feed", Share::Rows),
    ("held_command", Share::Rows),
    ("identity", Share::Rows),
    ("labour_entry", Share::Rows),
    ("labour_rate", Share::Rows),
    ("legal_hold", Share::Rows),
    ("location", Share::Rows),
    ("meter_reading", Share::Rows),
    ("notification_setting", Share::Rows),
    ("organisation", Share::Rows),
    ("organisation_logo", Share::Rows),
    // Emails that wait hold links that open accounts.
    ("outgoing_email", Share::Nothing),
    ("part", Share::Rows),
    ("passkey", Share::RowsWithout(&["credential"])),
    ("password_reset_link", Share::Nothing),
    ("past_session_token", Share::Nothing),
    ("person", Share::Rows),
    ("person_grant", Share::Rows),
    ("price", Share::Rows),
    ("quarantine", Share::Rows),
    ("recovery_code", Share::Nothing),
    ("role_definition", Share::Rows),
    ("security_rule", Share::Rows),
    ("session", Share::Nothing),
    ("socket_ticket", Share::Nothing),
    ("spent_challenge", Share::Nothing),
    ("status_event", Share::Rows),
    ("stock_balance", Share::Rows),
    ("stock_discrepancy", Share::Rows),
    ("stock_movement", Share::Rows),
    ("storeroom", Share::Rows),
    ("team", Share::Rows),
    ("team_member", Share::Rows),
    ("tenant_feed", Share::Rows),
    ("work_order", Share::Rows),
    ("work_order_counter", Share::Rows),
    ("work_order_notice", Share::Rows),
    ("work_order_part", Share::Rows),
    ("work_order_scope", Share::Nothing),
    ("work_order_words", Share::Nothing),
];
