//! The database on the device: one per organisation and person, version 1 for ever, generic stores. New things
//! come by key prefix, never by a new store or a migration.
//!
//! Every store has out-of-line string keys and byte values sealed by [`crate::codec`], but for the few that say how
//! ([`is_bare`]). Keys hold ids, numbers and times, and nothing that anybody typed. Both kinds of connection
//! (rexie's and the engine's own) are opened with [`VERSION`] and exactly [`STORES`]: rexie deletes stores that
//! are not declared.

use shared_model::document::DocumentKind;
use shared_model::identity::{ActorId, CommandId, DocumentId, OrganisationId, PersonId, RecordId};
use shared_model::instant::Timestamp;

/// The version of the database, for ever.
pub const VERSION: u32 = 1;

/// How it is locked and who is signed in; fencing epoch, actor, standing, grants, finished command ids.
pub const META: &str = "meta";
/// Precious: saved Automerge documents by id.
pub const DOCUMENTS: &str = "documents";
/// Precious: the records of documents, several to a value.
pub const RECORDS: &str = "records";
/// Precious: commands the server has not accepted yet, in order.
pub const OUTBOX: &str = "outbox";
/// Precious: commands the server refused, until a person has dealt with them.
pub const ATTENTION: &str = "attention";
/// Derived: pages of rows ([`crate::rows`]).
pub const ROWS: &str = "rows";
/// Derived: people, teams, devices and actors by id, and the organisation.
pub const DIRECTORY: &str = "directory";

/// Every object store there is.
pub const STORES: [&str; 7] = [META, DOCUMENTS, RECORDS, OUTBOX, ATTENTION, ROWS, DIRECTORY];

/// What the names of journals end with.
const JOURNAL: &str = ".journal";

/// The name of the database, of its channel and of its lock. Whoever forgot how to unlock one begins another: the next
/// generation. What the first one holds stays where it is.
pub fn name(organisation: OrganisationId, person: PersonId, generation: u32) -> String {
    format!("maintainpro:{organisation}:{person}{}", suffix(':', generation))
}

fn suffix(separator: char, generation: u32) -> String {
    if generation == 0 { String::new() } else { format!("{separator}{generation}") }
}

/// The lock that every tab shares which has an engine for it or waits for one, also while it is asleep.
pub fn tabs(name: &str) -> String {
    format!("{name}:tabs")
}

/// Where the values of a database wait while it is made anew ([`meta::SEALED`]).
pub fn aside(name: &str) -> String {
    format!("{name}:aside")
}

/// Does this value say how the others are sealed? Then it is stored as it is.
pub fn is_bare(store: &str, key: &str) -> bool {
    store == META && [meta::LOCK, meta::SEALED, meta::SEALED_THROUGH].contains(&key)
}

/// The folder of this database's journals in the origin's private file system.
pub fn journal_folder(organisation: OrganisationId, person: PersonId, generation: u32) -> String {
    format!("maintainpro-{organisation}-{person}{}", suffix('-', generation))
}

/// The journal of the engine with this fencing epoch. Each engine has its own: a frozen one keeps its file locked.
pub fn journal_file(epoch: u64) -> String {
    format!("{epoch:020}{JOURNAL}")
}

/// The epoch a journal is named by; `None` for other files.
pub fn journal_epoch(file: &str) -> Option<u64> {
    file.strip_suffix(JOURNAL)?.parse().ok()
}

/// A range of keys that begin with the same prefix, both ends included.
pub fn prefix_range(prefix: &str) -> (String, String) {
    (prefix.to_owned(), format!("{prefix}\u{ffff}"))
}

/// Keys of the `meta` store.
pub mod meta {
    use super::{ActorId, CommandId, Timestamp};

    /// How the database is locked: [`crate::lock::Lock`]. Nothing: it is not.
    pub const LOCK: &str = "lock";
    /// Present once every value is sealed; [`COMPACTED`] once what the browser's files still held of before is gone, too.
    pub const SEALED: &str = "sealed";
    /// The value of [`SEALED`] of a database that was made anew since.
    pub const COMPACTED: &[u8] = b"compacted";
    /// How far sealing anew has come: a store and a key.
    pub const SEALED_THROUGH: &str = "sealed-through";
    /// Present in a database that stands aside once it holds everything.
    pub const WHOLE: &str = "whole";
    /// Who is signed in with this database: JSON of [`shared_model::account::SignedIn`].
    pub const SESSION: &str = "session";
    /// Rises with every engine start; a write transaction that reads another value than its own gives up.
    pub const EPOCH: &str = "epoch";
    /// The engine's present actor and its next record number.
    pub const ACTOR: &str = "actor";
    /// What the keys of actors begin with that this device wrote under: a server that lost its history may not know any
    /// more whose they were.
    pub const OWN_ACTORS: &str = "own-actor/";

    /// The key of an actor that this device writes under since this time.
    pub fn own_actor(at: Timestamp, actor: ActorId) -> String {
        format!("{OWN_ACTORS}{:020}/{actor}", at.as_millis())
    }

    /// The actor of such a key.
    pub fn actor_of(key: &str) -> Option<ActorId> {
        key.strip_prefix(OWN_ACTORS)?.rsplit('/').next()?.parse().ok()
    }

    /// Where the copy of the feed stands: [`shared_model::sync_protocol::Standing`].
    pub const STANDING: &str = "standing";
    /// Documents to fetch whole.
    pub const WANTED: &str = "wanted";
    /// Documents of which a server that lost its history may lack something.
    pub const OWED: &str = "owed";
    /// What the keys of receipts begin with: what the server vouched for, should it ever lose it.
    pub const RECEIPTS: &str = "receipt/";

    /// The key of receipts that came at this time.
    pub fn receipts(at: Timestamp, tie: u64) -> String {
        format!("{RECEIPTS}{:020}/{tie:016x}", at.as_millis())
    }

    /// The person's rights, as JSON of [`shared_model::permission::Grants`].
    pub const GRANTS: &str = "grants";
    /// The version of the rows; another one means: rebuild them.
    pub const ROWS_VERSION: &str = "rows-version";
    /// When the server was last heard, in milliseconds.
    pub const LAST_CONTACT: &str = "last-contact";

    /// What the keys of finished commands begin with.
    pub const COMMANDS: &str = "command/";

    /// Present once the command has run. Command ids are ordered by time, so old ones are one range.
    pub fn command(id: CommandId) -> String {
        format!("{COMMANDS}{id}")
    }
}

/// What the keys of the `directory` store begin with, one kind of entry each.
pub mod directory {
    /// The organisation itself; it is one, and its key is this.
    pub const ORGANISATION: &str = "organisation/";
    /// People.
    pub const PERSON: &str = "person/";
    /// Teams.
    pub const TEAM: &str = "team/";
    /// Devices.
    pub const DEVICE: &str = "device/";
    /// Actors.
    pub const ACTOR: &str = "actor/";
}

/// The key of a document.
pub fn document_key(id: DocumentId) -> String {
    id.to_string()
}

/// The key of a group of records of a document, by the first of them.
pub fn records_key(document: DocumentId, first: RecordId) -> String {
    format!("{document}/{first}")
}

/// All records of a document.
pub fn records_range(document: DocumentId) -> (String, String) {
    prefix_range(&format!("{document}/"))
}

/// The key of the outbox entry with this number; keys sort as the numbers do.
pub fn outbox_key(number: u64) -> String {
    format!("{number:020}")
}

/// The key of a refused command.
pub fn attention_key(command: CommandId) -> String {
    command.to_string()
}

/// The key of a page of rows.
pub fn rows_key(kind: DocumentKind, page: u8) -> String {
    format!("{}/{page:02}", kind.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_actor_is_in_its_key_and_keys_are_in_order_of_time() {
        let actor = ActorId::from_bytes([7; 16]);
        let key = |at| meta::own_actor(Timestamp::from_millis(at), actor);
        assert_eq!(meta::actor_of(&key(5)), Some(actor));
        assert!(key(9) < key(10) && key(10) < prefix_range(meta::OWN_ACTORS).1);
        assert_eq!(meta::actor_of("own-actor/1/x"), None);
        assert_eq!(meta::actor_of(meta::ACTOR), None);
    }

    #[test]
    fn only_what_says_how_to_open_the_rest_is_bare() {
        assert!(is_bare(META, meta::LOCK) && is_bare(META, meta::SEALED));
        assert!(!is_bare(META, meta::SESSION) && !is_bare(OUTBOX, meta::LOCK));
    }

    #[test]
    fn names_tell_databases_apart() {
        let organisation = OrganisationId::from_bytes([1; 16]);
        let one = name(organisation, PersonId::from_bytes([2; 16]), 0);
        assert_eq!(
            one,
            "maintainpro:01010101-0101-0101-0101-010101010101:02020202-0202-0202-0202-020202020202"
        );
        assert_ne!(one, name(organisation, PersonId::from_bytes([3; 16]), 0));
        assert_eq!(name(organisation, PersonId::from_bytes([2; 16]), 2), format!("{one}:2"));
    }

    #[test]
    fn journals_are_known_by_their_epoch() {
        assert_eq!(journal_epoch(&journal_file(1_800_000_000_123)), Some(1_800_000_000_123));
        assert_eq!(journal_epoch("photo.jpg"), None);
        assert_eq!(journal_epoch("x.journal"), None);
    }

    #[test]
    fn outbox_keys_sort_as_numbers() {
        let keys = [0, 1, 9, 10, 99, 100, u64::MAX].map(outbox_key);
        assert!(keys.is_sorted());
    }

    #[test]
    fn a_range_holds_the_records_of_one_document_only() {
        let document = DocumentId::from_bytes([5; 16]);
        let (low, high) = records_range(document);
        let inside = records_key(document, RecordId::from_bytes([0xff; 16]));
        let outside = records_key(DocumentId::from_bytes([6; 16]), RecordId::from_bytes([0; 16]));
        assert!(low <= inside && inside <= high);
        assert!(outside > high);
    }
}
