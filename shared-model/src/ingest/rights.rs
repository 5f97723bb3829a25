//! Rights per operation, judged at receipt.

use std::collections::{BTreeMap, BTreeSet};

use automerge::ChangeHash;

use super::{No, Touched};
use crate::document::{genesis, step};
use crate::features;
use crate::gate::Checked;
use crate::permission::{Grants, Permission, Scope};
use crate::record::{Record, RecordKind};
use crate::workspace::Aggregate;

/// How many past states of a document are searched for a right that its author has lost since.
const MAX_PAST_STATES: usize = 64;

pub(super) fn not_permitted(permission: Permission) -> No {
    No::because("not_permitted", permission.code())
}

/// Every operation needs its field's permission: a write that loses today wins when the winner is deleted.
pub(super) fn authorise_change(grants: &Grants, touched: &Touched, checked: &Checked) -> Result<(), No> {
    let document = &touched.aggregate.document;
    let now = &touched.scopes_after;
    let mut then: Option<Vec<Scope>> = None;
    // Nobody writes in what they may not read.
    let written = checked.writes.iter().map(|write| write.field.permission);
    let permissions: BTreeSet<Permission> = written.chain([document.kind().read_permission()]).collect();
    for permission in permissions {
        let begins = [document.kind().edit_permission(), document.kind().read_permission()];
        let creating = touched.created && (begins.contains(&permission) || grants.hold(permission));
        if creating || grants.allow(permission, now) {
            continue;
        }
        // Reassigned while offline: what was allowed where the author stood still lands.
        let then = then.get_or_insert_with(|| scopes_at(&touched.aggregate, checked.change.deps()));
        if !grants.allow(permission, then) {
            return Err(not_permitted(permission));
        }
    }
    if grants.have_field_rules() { authorise_fields(grants, touched, checked) } else { Ok(()) }
}

/// Rules about fields, beside their permissions: now or where the author stood.
fn authorise_fields(grants: &Grants, touched: &Touched, checked: &Checked) -> Result<(), No> {
    let kind = touched.aggregate.document.kind();
    let mut then: Option<Vec<Scope>> = None;
    for field in checked.writes.iter().map(|write| write.field) {
        let may = if touched.created {
            grants.begin_with_field(kind, field)
        } else {
            grants.write_field(kind, field, &touched.scopes_after) || {
                let then = then.get_or_insert_with(|| scopes_at(&touched.aggregate, checked.change.deps()));
                grants.write_field(kind, field, then)
            }
        };
        if !may {
            return Err(not_permitted(field.permission));
        }
    }
    Ok(())
}

pub(super) fn authorise_record(
    grants: &Grants,
    touched: &Touched,
    record: &Record,
    kind: RecordKind,
) -> Result<(), No> {
    let now = &touched.scopes_after;
    let document_kind = touched.aggregate.document.kind();
    // Nobody states anything about what they may not read.
    let may = |grants: &Grants, scopes: &[Scope]| {
        grants.read_document(document_kind, scopes) && features::may_write_record(record, grants, scopes)
    };
    let allowed = |scopes: &[Scope]| may(grants, scopes);
    // Whoever may begin a document somewhere may state in it what they may state anywhere, and no more. As with its fields,
    // nobody asks whether they could read it.
    let begun = || features::may_write_record(record, &grants.everywhere(), now);
    if allowed(now) || (touched.created && begun()) {
        return Ok(());
    }
    let changes = touched.aggregate.document.changes_since(&[]);
    let past = changes.iter().rev().take(MAX_PAST_STATES).map(automerge::Change::hash);
    for hash in past {
        if allowed(&scopes_at(&touched.aggregate, &[hash])) {
            return Ok(());
        }
    }
    Err(not_permitted(kind.write_permission()))
}

/// Where a document belonged at these heads. Before its first edit it belonged nowhere: that it does not say yet at which
/// site it is makes it nobody's, and not everybody's.
fn scopes_at(aggregate: &Aggregate, heads: &[ChangeHash]) -> Vec<Scope> {
    let kind = aggregate.document.kind();
    if heads.iter().all(|hash| *hash == genesis::hash(kind) || step::has_hash(kind, hash)) {
        return Vec::new();
    }
    let document = aggregate.document.at(heads);
    document.map_or_else(Vec::new, |document| {
        features::scopes(&Aggregate { id: aggregate.id, document, records: BTreeMap::new() })
    })
}
