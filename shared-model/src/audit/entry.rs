//! What one entry says, and the bytes that are leaves.

use serde::{Deserialize, Serialize};

use super::merkle::Hash;
use crate::codes::codes;
use crate::identity::{CommandId, DeviceId, OrganisationId, PersonId, SessionId};
use crate::instant::Timestamp;

codes! {
    /// What was done.
    Action {
        /// Somebody signed in, with a password, a passkey or a link.
        SignedIn = "signed_in",
        /// A wrong password for an account that is there.
        SignInRefused = "sign_in_refused",
        /// A wrong code, recovery code or passkey after a right password.
        SecondFactorRefused = "second_factor_refused",
        /// A passkey was shown whose counter did not go up: there may be a copy of it.
        PasskeyCopied = "passkey_copied",
        /// Somebody signed out.
        SignedOut = "signed_out",
        /// A session was ended because a copy of its token was used.
        SessionReplayed = "session_replayed",
        /// A session was ended from elsewhere.
        SessionEnded = "session_ended",
        /// A link that lets a person choose a password was made or sent for.
        LinkIssued = "link_issued",
        /// Somebody asked for an email that lets a person choose a password.
        PasswordResetAsked = "password_reset_asked",
        /// A person has another password.
        PasswordChosen = "password_chosen",
        /// A person set up an authenticator app or a passkey.
        SecondFactorAdded = "second_factor_added",
        /// A passkey has another name.
        PasskeyRenamed = "passkey_renamed",
        /// A person has no authenticator app, or a passkey less, any more.
        SecondFactorRemoved = "second_factor_removed",
        /// Whoever administers took all second factors of a person away.
        SecondFactorsReset = "second_factors_reset",
        /// A person has new recovery codes.
        RecoveryCodesMade = "recovery_codes_made",
        /// A recovery code was used.
        RecoveryCodeUsed = "recovery_code_used",
        /// The organisation asks others for a second factor than before.
        SecurityRulesChanged = "security_rules_changed",
        /// A person joined the directory.
        PersonCreated = "person_created",
        /// What a person is or may do changed.
        PersonChanged = "person_changed",
        /// All that is known of a person was taken away as a file.
        PersonalDataExported = "personal_data_exported",
        /// What is known of a person was erased.
        PersonErased = "person_erased",
        /// There is a new team.
        TeamCreated = "team_created",
        /// A team has another name.
        TeamChanged = "team_changed",
        /// There is a new role.
        RoleCreated = "role_created",
        /// A role lets do otherwise than before.
        RoleChanged = "role_changed",
        /// A program has a key.
        ApiKeyCreated = "api_key_created",
        /// The key of a program opens nothing any more.
        ApiKeyRevoked = "api_key_revoked",
        /// A device is to erase itself.
        DeviceWipeAsked = "device_wipe_asked",
        /// It is not to, after all.
        DeviceWipeTakenBack = "device_wipe_taken_back",
        /// A device has erased itself.
        DeviceWiped = "device_wiped",
        /// Whether the organisation's devices must be locked.
        DeviceLockChanged = "device_lock_changed",
        /// Somebody was not let do something, for want of a right.
        AccessDenied = "access_denied",
        /// A command that a device handed in was refused, for want of a right.
        CommandRefused = "command_refused",
        /// Work of somebody who is shut out was taken over.
        DepositAccepted = "deposit_accepted",
        /// Work of somebody who is shut out was declined.
        DepositDeclined = "deposit_declined",
        /// A new history of the feed began, because a backup was restored.
        HistoryBegun = "history_begun",
        /// The organisation says otherwise of itself than before: its name, its looks, its language or time zone.
        OrganisationChanged = "organisation_changed",
        /// A person chose another language or time zone, or how they are told of what.
        PersonalSettingsChanged = "personal_settings_changed",
        /// The organisation was created.
        OrganisationCreated = "organisation_created",
        /// The organisation was shut out.
        OrganisationSuspended = "organisation_suspended",
        /// The organisation was let in again.
        OrganisationResumed = "organisation_resumed",
        /// All that the organisation has was taken away as files.
        OrganisationExported = "organisation_exported",
        /// Something has to be kept until this is released.
        LegalHoldPlaced = "legal_hold_placed",
        /// It need not be kept any more.
        LegalHoldReleased = "legal_hold_released",
        /// Texts of the audit trail are kept for another time.
        RetentionChanged = "retention_changed",
        /// Texts of old entries were erased, as the retention says; their hashes stay.
        EntriesPruned = "entries_pruned",
        /// The audit trail was taken away as a file.
        AuditExported = "audit_exported",
    }
}

codes! {
    /// Who does something.
    DoerKind {
        /// A person who is signed in.
        Person = "person",
        /// Somebody who is not.
        Stranger = "stranger",
        /// The server itself.
        Server = "server",
        /// Whoever runs the server, on its command line.
        Operator = "operator",
    }
}

codes! {
    /// What something is done to.
    SubjectKind {
        /// A person.
        Person = "person",
        /// A team.
        Team = "team",
        /// A role that the organisation made.
        Role = "role",
        /// A session.
        Session = "session",
        /// A key of a program.
        ApiKey = "api_key",
        /// A passkey.
        Passkey = "passkey",
        /// An install of somebody.
        Device = "device",
        /// A command of a device.
        Command = "command",
        /// An organisation.
        Organisation = "organisation",
        /// A document.
        Document = "document",
        /// What has to be kept.
        LegalHold = "legal_hold",
    }
}

/// Who did it, where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doer {
    /// A code of [`DoerKind`].
    pub kind: String,
    /// The person, if one is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The device they are at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Their session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
}

impl Doer {
    /// Nobody who is signed in.
    pub fn of(kind: DoerKind) -> Self {
        Self { kind: kind.code().to_owned(), person: None, device: None, session: None }
    }

    /// A person who is signed in.
    pub fn person(person: PersonId, device: Option<DeviceId>, session: Option<SessionId>) -> Self {
        Self { person: Some(person), device, session, ..Self::of(DoerKind::Person) }
    }
}

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// A code of [`SubjectKind`].
    pub kind: String,
    /// Its id.
    pub id: uuid::Uuid,
}

/// A value, as far as it is evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(u64),
    /// A code, an id or a text. Roles are said as `technician`, `technician own`, `technician site:…` and `technician team:…`;
    /// of one that the organisation made, its name in quotes stands in place of the code.
    Text(String),
    /// Several.
    All(Vec<Said>),
}

impl From<bool> for Said {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<u64> for Said {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Said>> FromIterator<T> for Said {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::All(items.into_iter().map(Into::into).collect())
    }
}

/// What one thing was and became. Neither is said of names and addresses of people: only that they changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field, in the words of the API.
    pub field: String,
    /// What it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Said>,
    /// What it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Said>,
}

/// One entry. Its text is what the trail holds and what is hashed; a newer version may write codes that this one does
/// not know, so they are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose trail.
    pub organisation: OrganisationId,
    /// When the server did it, by its clock.
    pub received_at: Timestamp,
    /// Who did it.
    pub by: Doer,
    /// A code of [`Action`].
    pub action: String,
    /// What it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// What became of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

impl Entry {
    /// The text that is kept and hashed.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a text; `None`: this is no entry.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// An entry where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedEntry {
    /// Its place, from 1 without a gap.
    pub seq: u64,
    /// What it says.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub entry: Entry,
}

/// The bytes of a row of the feed that are a leaf: its place, the hash of the chain there (which covers what the row says and
/// who said it), when it came, on which device it was made and with which command.
pub fn feed_leaf(
    seq: u64,
    chain_hash: &Hash,
    received_at: Timestamp,
    device: Option<DeviceId>,
    command: Option<CommandId>,
) -> Vec<u8> {
    let mut bytes = b"feed".to_vec();
    bytes.extend(seq.to_be_bytes());
    bytes.extend(chain_hash);
    bytes.extend(received_at.as_millis().to_be_bytes());
    bytes.extend(device.map_or([0; 16], |device| *device.as_bytes()));
    bytes.extend(command.map_or([0; 16], |command| *command.as_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written_also_by_a_version_that_does_not_know_its_words() {
        let entry = Entry {
            organisation: OrganisationId::from_bytes([1; 16]),
            received_at: Timestamp::from_millis(1_800_000_000_000),
            by: Doer::person(PersonId::from_bytes([2; 16]), None, None),
            action: Action::PersonChanged.code().to_owned(),
            subject: Some(Subject {
                kind: SubjectKind::Person.code().to_owned(),
                id: uuid::Uuid::from_u128(3),
            }),
            changes: vec![Change {
                field: "active".to_owned(),
                before: Some(true.into()),
                after: Some(false.into()),
            }],
        };
        assert_eq!(Entry::read(&entry.text()), Some(entry.clone()));
        let newer = entry.text().replace("person_changed", "person_cloned");
        assert_eq!(Entry::read(&newer).unwrap().action, "person_cloned");
        assert_eq!(Entry::read("{}"), None);
    }

    #[test]
    fn every_part_of_a_row_of_the_feed_counts() {
        let at = Timestamp::from_millis(5);
        let row = feed_leaf(1, &[2; 32], at, None, None);
        for other in [
            feed_leaf(2, &[2; 32], at, None, None),
            feed_leaf(1, &[3; 32], at, None, None),
            feed_leaf(1, &[2; 32], Timestamp::from_millis(6), None, None),
            feed_leaf(1, &[2; 32], at, Some(DeviceId::from_bytes([1; 16])), None),
            feed_leaf(1, &[2; 32], at, None, Some(CommandId::from_bytes([1; 16]))),
        ] {
            assert_ne!(other, row);
        }
    }
}
