//! Who may see what of the feed: the one place that decides, for sockets and for REST.

use minicbor::bytes::ByteVec;

use crate::permission::Grants;
use crate::record::RecordKind;
use crate::sync_protocol::{FeedRow, RowPayload, Snapshot, SnapshotReceipt, StoredDocument};

/// What a row of the feed is for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visible {
    /// The change itself.
    Change,
    /// The record itself.
    Record,
    /// The document came within reach: all of it.
    Enter,
    /// The document went out of reach.
    Leave,
    /// The document has a new root: what is held of it goes, and all of it comes.
    Replace,
    /// Nothing.
    Hidden,
}

/// What `row` is for somebody with these rights.
///
/// A document that can no longer be read *now* shows nothing of its past either, only that it left: its bytes
/// were readable once, but not sent in time. Where it can be read now, every way out and back in is told, so
/// that a device that follows row by row ends with the whole document.
pub fn visible(row: &FeedRow, grants: &Grants) -> Visible {
    let reads = |scopes| grants.read_document(row.kind, scopes);
    // Rights over the whole organisation reach what belongs nowhere, too: that a document was deleted says its row.
    let before = row.payload != RowPayload::Restoration && reads(&row.scopes_before);
    let after = row.payload != RowPayload::Deletion && reads(&row.scopes_after);
    let now = !row.deleted_now && reads(&row.scopes_now);
    match (before, after, now) {
        (true, false, _) => Visible::Leave,
        // Who writes what they may not read (a work order for another site) keeps no copy of it.
        (false, false, _) if row.author == Some(grants.person) => Visible::Leave,
        (_, _, false) | (false, false, _) => Visible::Hidden,
        (false, true, true) => Visible::Enter,
        (true, true, true) => match &row.payload {
            RowPayload::Change(_) => Visible::Change,
            RowPayload::Root(_) => Visible::Replace,
            RowPayload::Record { kind: Some(kind), .. } if grants.read_record(*kind, &row.scopes_now) => {
                Visible::Record
            }
            RowPayload::Record { .. }
            | RowPayload::Blank
            | RowPayload::Deletion
            | RowPayload::Restoration => Visible::Hidden,
        },
    }
}

/// What somebody with these rights may see of a document; `None`: nothing.
pub fn visible_snapshot(stored: StoredDocument, grants: &Grants) -> Option<Snapshot> {
    if !grants.read_document(stored.kind, &stored.scopes) {
        return None;
    }
    let readable = |kind| grants.read_record(kind, &stored.scopes);
    let records = stored.records.into_iter().filter(|(kind, _)| kind.is_some_and(readable));
    let shown = |receipt: &SnapshotReceipt| match &receipt.kind {
        Some(kind) => RecordKind::from_code(kind).is_some_and(readable),
        None => true,
    };
    Some(Snapshot {
        document: stored.document,
        kind: stored.kind,
        bytes: ByteVec::from(stored.bytes),
        records: records.map(|(_, bytes)| ByteVec::from(bytes)).collect(),
        receipts: stored.receipts.into_iter().filter(shown).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentKind;
    use crate::identity::{DocumentId, PersonId};
    use crate::instant::Timestamp;
    use crate::permission::{GrantLimit, Role, Scope};

    const HERE: DocumentId = DocumentId::from_bytes([1; 16]);
    const ELSEWHERE: DocumentId = DocumentId::from_bytes([2; 16]);
    const ANN: PersonId = PersonId::from_bytes([3; 16]);

    fn row(before: DocumentId, after: DocumentId, now: DocumentId) -> FeedRow {
        FeedRow {
            seq: 1,
            chain_hash: [0; 32],
            document: DocumentId::from_bytes([9; 16]),
            kind: DocumentKind::WorkOrder,
            received_at: Timestamp::default(),
            author: None,
            payload: RowPayload::Change(Vec::new()),
            device: None,
            receipt: Vec::new(),
            scopes_before: vec![Scope::Site(before)],
            scopes_after: vec![Scope::Site(after)],
            scopes_now: vec![Scope::Site(now)],
            deleted_now: false,
        }
    }

    fn technician() -> Grants {
        Grants { person: ANN, grants: Role::Technician.grants(GrantLimit::Site(HERE)) }
    }

    #[test]
    fn a_row_is_shown_by_where_its_document_was_is_and_came_to_be() {
        let (h, e) = (HERE, ELSEWHERE);
        let cases = [
            (h, h, h, Visible::Change),
            (h, h, e, Visible::Hidden),
            (h, e, h, Visible::Leave),
            (h, e, e, Visible::Leave),
            (e, h, h, Visible::Enter),
            (e, h, e, Visible::Hidden),
            (e, e, h, Visible::Hidden),
            (e, e, e, Visible::Hidden),
        ];
        for (before, after, now, expected) in cases {
            assert_eq!(visible(&row(before, after, now), &technician()), expected, "{before} {after} {now}");
        }
    }

    #[test]
    fn a_deletion_is_told_to_whoever_could_read_and_a_restoration_to_whoever_can() {
        let manager = Grants { person: ANN, grants: Role::Manager.grants(GrantLimit::Organisation) };
        let deletion = FeedRow {
            payload: RowPayload::Deletion,
            scopes_after: Vec::new(),
            scopes_now: Vec::new(),
            deleted_now: true,
            ..row(HERE, HERE, HERE)
        };
        let since_restored =
            FeedRow { scopes_now: vec![Scope::Site(HERE)], deleted_now: false, ..deletion.clone() };
        let restoration =
            FeedRow { payload: RowPayload::Restoration, scopes_before: Vec::new(), ..row(HERE, HERE, HERE) };
        let since_deleted = FeedRow { scopes_now: Vec::new(), deleted_now: true, ..restoration.clone() };
        let older = FeedRow { scopes_now: Vec::new(), deleted_now: true, ..row(HERE, HERE, HERE) };
        for grants in [technician(), manager] {
            assert_eq!(visible(&deletion, &grants), Visible::Leave);
            assert_eq!(visible(&since_restored, &grants), Visible::Leave);
            assert_eq!(visible(&restoration, &grants), Visible::Enter);
            assert_eq!(visible(&since_deleted, &grants), Visible::Hidden);
            assert_eq!(visible(&older, &grants), Visible::Hidden, "its past is not shown any more");
        }
        let elsewhere = FeedRow { scopes_before: vec![Scope::Site(ELSEWHERE)], ..deletion };
        assert_eq!(visible(&elsewhere, &technician()), Visible::Hidden);
    }

    #[test]
    fn a_new_root_is_told_to_whoever_can_read() {
        let rooted = |before, after, now| {
            let rooted = FeedRow { payload: RowPayload::Root(vec![1]), ..row(before, after, now) };
            visible(&rooted, &technician())
        };
        assert_eq!(rooted(HERE, HERE, HERE), Visible::Replace);
        assert_eq!(rooted(HERE, HERE, ELSEWHERE), Visible::Hidden);
        assert_eq!(rooted(ELSEWHERE, ELSEWHERE, HERE), Visible::Hidden, "it entered with a later row");
    }

    #[test]
    fn who_writes_what_they_may_not_read_is_told_to_forget_it() {
        let mut unread = row(ELSEWHERE, ELSEWHERE, ELSEWHERE);
        unread.author = Some(ANN);
        assert_eq!(visible(&unread, &technician()), Visible::Leave);
        unread.author = Some(PersonId::from_bytes([4; 16]));
        assert_eq!(visible(&unread, &technician()), Visible::Hidden);
    }

    #[test]
    fn a_requester_follows_what_they_asked_for_and_nothing_else_whatever_their_limit() {
        for limit in [GrantLimit::Organisation, GrantLimit::Site(HERE), GrantLimit::Own] {
            let rita = Grants { person: ANN, grants: Role::Requester.grants(limit) };
            assert_eq!(visible(&row(HERE, HERE, HERE), &rita), Visible::Hidden, "{limit:?}");
            let hers = vec![Scope::Site(HERE), Scope::Person(ANN)];
            let mut asked = FeedRow { scopes_before: Vec::new(), ..row(HERE, HERE, HERE) };
            (asked.scopes_after, asked.scopes_now) = (hers.clone(), hers.clone());
            assert_eq!(visible(&asked, &rita), Visible::Enter, "{limit:?}");
            asked.scopes_before = hers;
            assert_eq!(visible(&asked, &rita), Visible::Change, "{limit:?}");
        }
    }

    #[test]
    fn costs_are_for_those_who_may_see_them_and_unknown_records_for_nobody() {
        let of_kind = |kind| FeedRow {
            payload: RowPayload::Record { kind, bytes: Vec::new() },
            ..row(HERE, HERE, HERE)
        };
        let manager = Grants { person: ANN, grants: Role::Manager.grants(GrantLimit::Organisation) };
        assert_eq!(visible(&of_kind(Some(RecordKind::Comment)), &technician()), Visible::Record);
        assert_eq!(visible(&of_kind(Some(RecordKind::CostEntry)), &technician()), Visible::Hidden);
        assert_eq!(visible(&of_kind(Some(RecordKind::CostEntry)), &manager), Visible::Record);
        assert_eq!(visible(&of_kind(None), &manager), Visible::Hidden);
        let erased = FeedRow { payload: RowPayload::Blank, ..row(HERE, HERE, HERE) };
        assert_eq!(visible(&erased, &manager), Visible::Hidden);
    }

    #[test]
    fn a_snapshot_shows_no_record_behind_a_right() {
        let stored = |scopes| StoredDocument {
            document: DocumentId::from_bytes([9; 16]),
            kind: DocumentKind::WorkOrder,
            scopes,
            bytes: vec![1],
            records: vec![
                (Some(RecordKind::Comment), vec![2]),
                (Some(RecordKind::CostEntry), vec![3]),
                (None, vec![4]),
            ],
            receipts: [None, Some("cost_entry"), Some("unheard_of")]
                .map(|kind| SnapshotReceipt {
                    kind: kind.map(str::to_owned),
                    heads: Vec::new(),
                    code: vec![5].into(),
                })
                .to_vec(),
        };
        let shown = visible_snapshot(stored(vec![Scope::Site(HERE)]), &technician()).unwrap();
        assert_eq!(shown.records, [ByteVec::from(vec![2])]);
        assert_eq!(shown.receipts.iter().map(|receipt| receipt.kind.clone()).collect::<Vec<_>>(), [None]);
        assert_eq!(visible_snapshot(stored(vec![Scope::Site(ELSEWHERE)]), &technician()), None);
    }
}
