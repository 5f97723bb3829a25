//! Fields and records: single writes, as a device pushes them and as a client of automerge-repo makes them.

use std::collections::{BTreeMap, HashMap};

use automerge::{ScalarValue, hydrate};
use shared_model::document::step::{self, Step};
use shared_model::document::{DocumentKind, EditError, Field, Segment, Shape};
use shared_model::gate::Numbering;
use shared_model::identity::{ActorId, DocumentId, RecordId};
use shared_model::permission::{FieldName, GrantLimit, Grants, Permission, Role, RoleDefinition, RoleKey};
use shared_model::record::{Record, RecordKind};
use shared_model::workspace::{Aggregate, Item};

use super::oracle::{EVERYBODY, ME, OTHER, PLACES, Somebody, Where};
use super::scene::{NOW, Scene};
use super::{CHANNELS, judge};

const ID: DocumentId = DocumentId::from_bytes([0xd0; 16]);

/// A document in which something stands in every map whose items people add, under the key `k1`.
fn filled(kind: DocumentKind, place: Where) -> Aggregate {
    let mut aggregate = Aggregate::new(ID, kind);
    let belongs = place.place();
    let written = aggregate.document.edit::<_, EditError>(ActorId::from_bytes([1; 16]), NOW, |door| {
        match kind {
            DocumentKind::WorkOrder => {
                door.put_id(&["site"], Some(belongs.site))?;
                door.put(&["people", &belongs.person.to_string()], true)?;
                door.put(&["teams", &belongs.team.to_string()], true)?;
            }
            DocumentKind::Asset | DocumentKind::Storeroom => door.put_id(&["site"], Some(belongs.site))?,
            DocumentKind::Location | DocumentKind::Part | DocumentKind::ChecklistTemplate => {}
        }
        for field in kind.fields().fields.iter().filter(|field| is_item(field)) {
            door.insert_item(&path(field, "k1", "k1"), &item(kind, field))?;
        }
        Ok(())
    });
    written.unwrap();
    aggregate
}

/// A map that people add.
fn is_item(field: &Field) -> bool {
    field.shape == Shape::Map && matches!(field.path.last(), Some(Segment::Item))
}

/// A map that is there from the beginning, or comes with the item it is in: nobody writes it for itself.
fn is_fixed(field: &Field) -> bool {
    field.shape == Shape::Map && !is_item(field)
}

/// The maps that come with an item.
fn come_along(kind: DocumentKind, item: &Field) -> impl Iterator<Item = &'static Field> {
    let path = item.path;
    let within = move |field: &&Field| is_fixed(field) && field.path[..field.path.len() - 1] == *path;
    kind.fields().fields.iter().filter(within)
}

/// An item with nothing in it.
fn item(kind: DocumentKind, field: &Field) -> hydrate::Value {
    let key = |field: &Field| match field.path.last() {
        Some(Segment::Key(key)) => *key,
        _ => panic!("a map in an item has a name"),
    };
    let maps: HashMap<&str, hydrate::Value> =
        come_along(kind, field).map(|field| (key(field), hydrate::Value::map())).collect();
    hydrate::Value::Map(maps.into())
}

/// The field's path, with these keys for items on the way and at its end.
fn path(field: &Field, on_the_way: &'static str, at_the_end: &'static str) -> Vec<&'static str> {
    let last = field.path.len() - 1;
    let key = |(index, segment): (usize, &Segment)| match segment {
        Segment::Key(key) => *key,
        Segment::Item if index == last => at_the_end,
        Segment::Item => on_the_way,
    };
    field.path.iter().enumerate().map(key).collect()
}

/// A change that writes this field and no other; `None`: what stands there from the beginning, and nobody writes.
fn write(aggregate: &Aggregate, field: &Field) -> Option<Item> {
    let kind = aggregate.document.kind();
    let path = path(field, "k1", "k2");
    let value = match field.shape {
        Shape::Map if is_fixed(field) => return None,
        Shape::Map | Shape::Text { .. } => None,
        Shape::Str { .. } => Some(ScalarValue::Str("x".into())),
        Shape::Code(codes) => Some(ScalarValue::Str(codes[0].into())),
        Shape::Int => Some(ScalarValue::Int(7)),
        Shape::Bool => Some(ScalarValue::Boolean(true)),
        Shape::Timestamp => Some(ScalarValue::Timestamp(7)),
    };
    let mut copy = aggregate.document.clone();
    let written =
        copy.edit::<_, EditError>(ActorId::from_bytes([2; 16]), NOW, |door| match (field.shape, value) {
            (Shape::Map, _) => door.insert_item(&path, &item(kind, field)),
            (_, Some(value)) => door.put(&path, value),
            (_, None) => door.set_text(&path, "x"),
        });
    let mut changes = written.unwrap_or_else(|error| panic!("{path:?}: {error}")).1;
    // A field of a later step brings the step along.
    let bytes = changes.pop().unwrap_or_else(|| panic!("{path:?}: nothing is written"));
    (changes.is_empty() || field.step > 0).then_some(Item::Change { document: aggregate.id, kind, bytes })
}

#[test]
fn a_field_is_written_by_whoever_may_and_by_nobody_else() {
    let (mut cells, mut fields, mut wrong) = (0, 0, Vec::new());
    for (seed, place) in (20..).zip(PLACES) {
        let mut scene = Scene::new(seed, place.place(), ME, OTHER);
        for kind in DocumentKind::ALL {
            let mut aggregate = filled(*kind, place);
            bring_steps(&mut aggregate);
            let documents = BTreeMap::from([(aggregate.id, aggregate.clone())]);
            for field in kind.fields().fields {
                let Some(written) = write(&aggregate, field) else { continue };
                let pushed = scene.pushed(vec![written]);
                fields += 1;
                let needed: Vec<Permission> =
                    come_along(*kind, field).chain([field]).map(|field| field.permission).collect();
                for (somebody, channel) in Somebody::all().flat_map(|one| CHANNELS.map(|way| (one, way))) {
                    cells += 1;
                    let may = somebody.reads(*kind, place)
                        && needed.iter().all(|permission| somebody.may(*permission, *kind, place));
                    let told = judge(&pushed, &somebody.grants(), channel, &documents);
                    if told.as_deref() != (!may).then_some("not_permitted") {
                        let path = path(field, "*", "*").join("/");
                        wrong.push(format!("{somebody:?} {place:?} {kind:?} {path}: {may}, {told:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    let all = DocumentKind::ALL.iter().flat_map(|kind| kind.fields().fields);
    assert_eq!(fields, all.filter(|field| !is_fixed(field)).count() * PLACES.len(), "no field is left out");
    println!("{cells} cells of fields");
}

#[test]
fn a_rule_takes_its_field_away_on_every_channel_and_no_other() {
    let mut cells = 0;
    let mut scene = Scene::new(70, Where::Elsewhere.place(), ME, OTHER);
    for kind in DocumentKind::ALL {
        let mut aggregate = filled(*kind, Where::Elsewhere);
        bring_steps(&mut aggregate);
        let documents = BTreeMap::from([(aggregate.id, aggregate.clone())]);
        let ruled: Vec<FieldName> = FieldName::all().filter(|name| name.kind() == *kind).collect();
        for field in kind.fields().fields {
            let Some(written) = write(&aggregate, field) else { continue };
            let pushed = scene.pushed(vec![written]);
            for name in &ruled {
                let rule = RoleDefinition { read_only: vec![*name], ..RoleDefinition::default() };
                let role = RoleKey::from(Role::Manager);
                let grants =
                    Grants { person: ME, grants: role.grants(Some(&rule), GrantLimit::Organisation) };
                let is_about_it = matches!(field.path[0], Segment::Key(key) if key == name.key());
                for channel in CHANNELS {
                    cells += 1;
                    let told = judge(&pushed, &grants, channel, &documents);
                    let path = path(field, "*", "*").join("/");
                    let expected = is_about_it.then_some("not_permitted");
                    assert_eq!(told.as_deref(), expected, "{kind:?} {path} with a rule about {name:?}");
                }
            }
        }
    }
    println!("{cells} cells of rules");
}

/// The document knows every schema step already, so that one write is one change.
fn bring_steps(aggregate: &mut Aggregate) {
    for step in step::all(aggregate.document.kind()) {
        aggregate.document.apply(vec![step.change().clone()]).unwrap();
    }
}

#[test]
fn what_is_begun_holds_only_what_its_author_may_write_somewhere() {
    let (mut cells, mut scene) = (0, Scene::new(25, Where::Elsewhere.place(), ME, OTHER));
    for kind in DocumentKind::ALL {
        let mut blank = Aggregate::new(ID, *kind);
        bring_steps(&mut blank);
        let change = |step: &Step| Item::Change { document: ID, kind: *kind, bytes: step.bytes().to_vec() };
        // What stands in an item needs the item, and is judged like it.
        let at_the_root = |field: &&Field| field.path.len() <= 2;
        for field in kind.fields().fields.iter().filter(at_the_root) {
            let Some(written) = write(&blank, field) else { continue };
            let steps = step::all(*kind).iter().map(change);
            let pushed = scene.pushed(steps.chain([written]).collect());
            for somebody in Somebody::all() {
                cells += 1;
                let holds = |permission| somebody.holds(permission);
                let may = holds(kind.create_permission())
                    && (field.permission == kind.edit_permission() || holds(field.permission));
                let told = judge(&pushed, &somebody.grants(), Numbering::Exact, &BTreeMap::new());
                let path = path(field, "*", "*").join("/");
                assert_eq!(
                    told.as_deref(),
                    (!may).then_some("not_permitted"),
                    "{somebody:?} {kind:?} {path}"
                );
            }
        }
    }
    println!("{cells} cells of fields in what is begun");
}

#[test]
fn a_change_that_claims_the_beginning_as_its_past_gains_nothing() {
    let mut scene = Scene::new(30, Where::Elsewhere.place(), ME, OTHER);
    for kind in [DocumentKind::WorkOrder, DocumentKind::Asset, DocumentKind::Storeroom] {
        let aggregate = filled(kind, Where::Elsewhere);
        let documents = BTreeMap::from([(aggregate.id, aggregate.clone())]);
        // Before its first edit a document says nothing about where it belongs.
        let blank = Aggregate::new(ID, kind);
        let name = if kind == DocumentKind::WorkOrder { "title" } else { "name" };
        let field = kind.fields().field(&[name]).unwrap();
        let pushed = scene.pushed(vec![write(&blank, field).unwrap()]);
        for somebody in Somebody::all() {
            let may = somebody.reads(kind, Where::Elsewhere)
                && somebody.may(field.permission, kind, Where::Elsewhere);
            let told = judge(&pushed, &somebody.grants(), Numbering::Exact, &documents);
            assert_eq!(told.as_deref(), (!may).then_some("not_permitted"), "{somebody:?} {kind:?}");
        }
    }
}

#[test]
fn nobody_states_what_only_the_server_states() {
    let mut cells = 0;
    for (seed, place) in (40..).zip(PLACES) {
        let mut scene = Scene::new(seed, place.place(), ME, OTHER);
        let kinds = RecordKind::ALL.iter().filter(|kind| kind.write_permission() == Permission::ServerWrite);
        for kind in kinds {
            let id = RecordId::from_uuid(scene.fresh());
            let payload = match kind {
                RecordKind::NumberAssigned => r#"{"number":1}"#.to_owned(),
                RecordKind::Notice => r#"{"kind":"impossible_step"}"#.to_owned(),
                RecordKind::StockDiscrepancy => {
                    format!(
                        r#"{{"part":"{}","balance":-1,"movement":"{}"}}"#,
                        scene.id("part"),
                        scene.fresh()
                    )
                }
                other => panic!("{other:?} is the server's to state: say how it looks"),
            };
            let record = Record {
                id,
                kind: kind.code().to_owned(),
                document: scene.of_kind(kind.owners()[0]),
                author: Some(ME),
                actor: scene.actor(),
                seq: 1,
                at: NOW,
                payload: payload.into_bytes(),
            };
            let pushed = scene.pushed(vec![Item::Record(record)]);
            for somebody in Somebody::all() {
                cells += 1;
                let told = judge(&pushed, &somebody.grants(), Numbering::Exact, &scene.documents);
                assert_eq!(told.as_deref(), Some("not_permitted"), "{somebody:?} {place:?} {kind:?}");
            }
        }
    }
    assert_eq!(cells, 3 * PLACES.len() * EVERYBODY);
}
