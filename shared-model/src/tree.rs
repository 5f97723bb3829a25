//! What the trees of assets and locations have in common. Two people may move two branches under each other at
//! the same time; no device can see that coming, so a circle is an anomaly to show, never a refusal.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::DocumentId;

/// The members of a forest that stand above themselves, given each one's parent.
pub fn circles(parents: &BTreeMap<DocumentId, Option<DocumentId>>) -> BTreeSet<DocumentId> {
    let mut settled = BTreeSet::new();
    let mut circular = BTreeSet::new();
    for start in parents.keys() {
        let mut path = Vec::new();
        let mut at = Some(*start);
        while let Some(id) = at {
            if let Some(first) = path.iter().position(|step| *step == id) {
                circular.extend(path[first..].iter().copied());
                break;
            }
            if settled.contains(&id) {
                break;
            }
            path.push(id);
            at = parents.get(&id).copied().flatten();
        }
        settled.extend(path);
    }
    circular
}

/// Would `id` stand above itself below `parent`? What a screen asks before it offers a place.
pub fn would_close_circle(
    parents: &BTreeMap<DocumentId, Option<DocumentId>>,
    id: DocumentId,
    parent: DocumentId,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = Some(parent);
    while let Some(above) = at {
        if above == id {
            return true;
        }
        if !seen.insert(above) {
            return false;
        }
        at = parents.get(&above).copied().flatten();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    fn forest(edges: &[(u8, Option<u8>)]) -> BTreeMap<DocumentId, Option<DocumentId>> {
        edges.iter().map(|(child, parent)| (id(*child), parent.map(id))).collect()
    }

    #[test]
    fn only_the_members_of_a_circle_are_circular() {
        let parents =
            forest(&[(1, None), (2, Some(1)), (3, Some(4)), (4, Some(3)), (5, Some(3)), (6, Some(6))]);
        assert_eq!(circles(&parents), BTreeSet::from([id(3), id(4), id(6)]));
        assert_eq!(circles(&forest(&[(1, Some(9)), (2, Some(1))])), BTreeSet::new());
    }

    #[test]
    fn a_place_below_itself_is_seen_before_it_is_offered() {
        let parents = forest(&[(1, None), (2, Some(1)), (3, Some(2)), (7, Some(8)), (8, Some(7))]);
        assert!(would_close_circle(&parents, id(1), id(3)));
        assert!(would_close_circle(&parents, id(2), id(2)));
        assert!(!would_close_circle(&parents, id(3), id(1)));
        assert!(!would_close_circle(&parents, id(1), id(7)), "a circle elsewhere ends the search");
    }
}
