//! Documents of packs, and the rows that came before them.

use super::*;
use crate::features;
use crate::sync_protocol::{Pack, PackProgress, PackedDocument};

/// Absorbs the document of `copy` without its row, where a row of it is listed and the document is not here.
fn absorb(copy: &Copy, from_nothing: bool) -> Absorbed {
    let packs = Some(PackProgress { next: Some("a".to_owned()) });
    let load = LoadProgress { packs, from_nothing, ..load(true) };
    let standing = Standing { load: Some(load.clone()), ..Standing::default() };
    let packed = PackedDocument { snapshot: copy.snapshot(), row: Vec::new().into() };
    let pack = Pack { documents: vec![packed], ..Pack::empty(Vec::new()) };
    let present = Present { rows: BTreeSet::from([ORDER]), ..Present::default() };
    absorb_pack(&standing, &load, pack, BTreeMap::new(), &present, &Pending::default()).unwrap()
}

#[test]
fn a_document_is_stored_as_it_came_where_its_row_is_of_the_same_load() {
    let (ann, _) = two_copies();
    let absorbed = absorb(&ann, true);
    assert_eq!((absorbed.raw.len(), absorbed.put.len()), (1, 0));
    assert_eq!(absorbed.raw[&ORDER].row, None);
}

#[test]
fn a_row_may_be_of_a_document_that_was_here_before_the_load_and_is_lost() {
    let (ann, _) = two_copies();
    let absorbed = absorb(&ann, false);
    assert_eq!((absorbed.raw.len(), absorbed.put.len()), (0, 1));
    assert_eq!(features::row(&absorbed.put[&ORDER]), features::row(ann.order()));
}
