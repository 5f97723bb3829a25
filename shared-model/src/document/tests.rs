//! Schema steps: what they may hold, when they come, and what becomes of those that only others know.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Change, ROOT, ReadDoc};

use super::*;
use crate::permission::Permission;

const ANN: ActorId = ActorId::from_bytes([1; 16]);
const BOB: ActorId = ActorId::from_bytes([2; 16]);
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn set(document: &mut Document, actor: ActorId, field: &str, text: &str) -> Vec<Vec<u8>> {
    document.edit::<_, EditError>(actor, NOW, |door| door.set_text(&[field], text)).unwrap().1
}

fn text(document: &Document, field: &str) -> String {
    document.hydrate().root().text(field)
}

fn receive(document: &mut Document, changes: &[Vec<u8>]) {
    let changes = changes.iter().map(|bytes| Change::from_bytes(bytes.clone()).unwrap());
    document.apply(changes.collect()).unwrap();
}

/// Nested in what another step brings, a container would be missing where that step has not come; inside an item
/// that exists already nobody would make it.
#[test]
fn a_step_brings_containers_that_need_nothing_but_genesis() {
    for kind in DocumentKind::ALL {
        let table = kind.fields();
        assert!(table.schema() <= step::SCHEMA);
        for field in table.fields.iter().filter(|field| field.step > 0 && field.shape.is_container()) {
            let parents = (1..field.path.len()).map(|end| &field.path[..end]);
            let parents = parents.filter_map(|path| table.fields.iter().find(|other| other.path == path));
            let in_item = field.path.contains(&Segment::Item);
            for parent in parents {
                let fits = parent.step == field.step || (parent.step == 0 && !in_item);
                assert!(fits, "{:?} of {}", field.path, kind.code());
            }
        }
    }
    let newest = DocumentKind::ALL.iter().map(|kind| kind.fields().schema()).max();
    assert_eq!(newest, Some(step::SCHEMA));
}

#[test]
fn a_step_builds_upon_genesis_alone() {
    for kind in DocumentKind::ALL {
        let start = genesis::document(*kind).get_change_by_hash(&genesis::hash(*kind)).unwrap();
        for step in step::all(*kind) {
            let change = step.change();
            assert_eq!(change.deps(), [genesis::hash(*kind)]);
            assert_eq!(
                (change.seq(), change.start_op()),
                (1, start.max_op().checked_add(1).unwrap().try_into().unwrap())
            );
            assert_eq!(ActorId::from_automerge(change.actor_id()), Some(step::actor(step.number())));
            assert_eq!(step::find(*kind, step.bytes()).map(step::Step::number), Some(step.number()));
        }
    }
}

#[test]
fn the_first_write_brings_the_step_along_once() {
    let step = &step::all(DocumentKind::WorkOrder)[0];
    let mut document = Document::new(DocumentKind::WorkOrder);
    assert!(set(&mut document, ANN, "resolution", "").is_empty(), "nothing stands there, as before");
    let first = set(&mut document, ANN, "resolution", "Seal replaced");
    assert_eq!((first.len(), first[0].as_slice()), (2, step.bytes()));
    assert_eq!(set(&mut document, ANN, "resolution", "Seal replaced, tested").len(), 1);
    let loaded = Document::load(DocumentKind::WorkOrder, &document.save()).unwrap();
    assert_eq!(
        (text(&loaded, "resolution"), loaded.heads()),
        ("Seal replaced, tested".to_owned(), document.heads())
    );
}

#[test]
fn an_edit_that_has_begun_is_cut_where_the_step_comes_in() {
    let mut document = Document::new(DocumentKind::WorkOrder);
    let edit = |door: &mut Edit| {
        door.put_str(&["title"], Some("Pump leaks"))?;
        door.set_text(&["resolution"], "Seal replaced")?;
        door.put_int(&["estimated_minutes"], Some(5))
    };
    let (_, made) = document.edit::<_, EditError>(ANN, NOW, edit).unwrap();
    assert_eq!(made.len(), 3);
    assert_eq!(made[1], step::all(DocumentKind::WorkOrder)[0].bytes());
    let mut other = Document::new(DocumentKind::WorkOrder);
    for bytes in &made {
        let verdict = crate::gate::check_change(&other, bytes, |_| crate::gate::Binding::Device);
        assert!(matches!(verdict, Ok(crate::gate::Verdict::New(_))), "{verdict:?}");
        receive(&mut other, std::slice::from_ref(bytes));
    }
    assert_eq!(other.heads(), document.heads());
}

#[test]
fn a_failure_takes_the_step_back() {
    let mut document = Document::new(DocumentKind::WorkOrder);
    set(&mut document, ANN, "description", "Leaks");
    let before = document.heads();
    let failed = document.edit::<(), EditError>(ANN, NOW, |door| {
        door.set_text(&["resolution"], "Seal replaced")?;
        door.put_str(&["no_such_field"], None)
    });
    assert!(failed.is_err());
    assert_eq!((document.heads(), document.hydrate().root().keys().contains("resolution")), (before, false));
    assert_eq!(set(&mut document, ANN, "resolution", "Seal replaced").len(), 2);
}

#[test]
fn two_first_writers_bring_the_same_step() {
    let mut ann = Document::new(DocumentKind::WorkOrder);
    let base = set(&mut ann, ANN, "description", "Leaks");
    let mut bob = Document::new(DocumentKind::WorkOrder);
    receive(&mut bob, &base);
    let by_ann = set(&mut ann, ANN, "resolution", "ann's line\n");
    let by_bob = set(&mut bob, BOB, "resolution", "bob's line\n");
    assert_eq!(by_ann[0], by_bob[0]);
    receive(&mut ann, &by_bob);
    receive(&mut bob, &by_ann);
    assert_eq!(ann.heads(), bob.heads());
    let merged = text(&ann, "resolution");
    assert!(merged.contains("ann's line") && merged.contains("bob's line"), "{merged}");
    assert_eq!(merged, text(&bob, "resolution"));
}

#[test]
fn a_server_that_is_behind_gets_nothing_it_does_not_know() {
    let mut document = Document::new(DocumentKind::WorkOrder);
    let before = document.heads();
    let refused = document.edit::<(), EditError>(ANN, NOW, |door| {
        door.limit_to(0);
        door.put_str(&["title"], Some("Pump leaks"))?;
        door.set_text(&["resolution"], "Seal replaced")
    });
    assert!(matches!(refused, Err(EditError::ServerTooOld(field)) if field == "resolution"));
    assert_eq!(document.heads(), before);
}

static FUTURE: FieldTable = FieldTable {
    kind: DocumentKind::WorkOrder,
    fields: &[Field {
        path: &[Segment::Key("lessons")],
        shape: Shape::Text { max: 100 },
        permission: Permission::WorkOrderExecute,
        step: 7,
    }],
};

/// What a newer version made: a step this one does not know, and a text in it.
fn from_the_future(document: &Document) -> Vec<Vec<u8>> {
    let step = step::build(DocumentKind::WorkOrder, &FUTURE, 7).unwrap();
    let mut newer = document.automerge().fork();
    newer.apply_changes([step.change().clone()]).unwrap();
    newer.set_actor(BOB.to_automerge());
    let (_, lessons) = newer.get(ROOT, "lessons").unwrap().unwrap();
    let mut transaction = newer.transaction();
    transaction.splice_text(&lessons, 0, 0, "Order spares early").unwrap();
    transaction.commit_with(CommitOptions::default().with_time(0));
    let news = newer.get_changes(&document.automerge().get_heads());
    news.iter().map(|change| change.raw_bytes().to_vec()).collect()
}

#[test]
fn fields_of_a_newer_version_survive() {
    let mut document = Document::new(DocumentKind::WorkOrder);
    set(&mut document, ANN, "description", "Leaks");
    let news = from_the_future(&document);
    receive(&mut document, &news);
    let mut document = Document::load(DocumentKind::WorkOrder, &document.save()).unwrap();
    assert!(document.conflicts().is_empty());

    for (field, line) in [("description", "Leaks badly"), ("resolution", "Seal replaced")] {
        let before = document.clone();
        let made = set(&mut document, ANN, field, line);
        let mut other = before;
        for bytes in &made {
            let verdict = crate::gate::check_change(&other, bytes, |_| crate::gate::Binding::Device);
            assert!(matches!(verdict, Ok(crate::gate::Verdict::New(_))), "{verdict:?}");
            receive(&mut other, std::slice::from_ref(bytes));
        }
        assert_eq!((text(&document, field).as_str(), other.heads()), (line, document.heads()));
    }
    assert_eq!(text(&document, "lessons"), "Order spares early");
    let older = Document::new(DocumentKind::WorkOrder);
    let refused = crate::gate::check_change(&older, &news[0], |_| crate::gate::Binding::Device);
    assert!(matches!(refused, Err(crate::gate::Refused::ReservedActor)), "{refused:?}");
}
