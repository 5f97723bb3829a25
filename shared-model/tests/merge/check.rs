//! What must hold when everything has arrived everywhere.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ObjId, ROOT, ReadDoc, ScalarValue, Value};
use shared_model::document::{ConcurrentValue, Document, FieldValue};
use shared_model::features::comment::CommentLine;
use shared_model::features::cost::{CostEntry, CostLine};
use shared_model::features::work_order::{ChecklistExecution, WorkOrder};
use shared_model::features::{View, cost, row, scopes, view};
use shared_model::identity::{DocumentId, RecordId};
use shared_model::instant::Timestamp;
use shared_model::workspace::Aggregate;

use crate::model::{Fact, Model, balances, meaning, progress, sentences};
use crate::status::follows_the_events;
use crate::world::World;

/// What the model kept of one document, by record.
type Facts<'m> = BTreeMap<RecordId, &'m Fact>;

/// Equal documents, heads, rows, views and scopes on all devices; and what is stored reads back as the same.
pub fn devices_are_alike(world: &World) {
    let (first, others) = world.devices.split_first().unwrap();
    for (id, aggregate) in &first.aggregates {
        let (expected_row, expected_view) = (row(aggregate), view(aggregate));
        for other in others {
            let same = &other.aggregates[id];
            assert_eq!(same.document.heads(), aggregate.document.heads());
            assert_eq!(same.records, aggregate.records);
            assert_eq!(row(same), expected_row);
            assert_eq!(view(same), expected_view);
            assert_eq!(scopes(same), scopes(aggregate));
        }
        let saved = Document::load(aggregate.document.kind(), &aggregate.document.save()).unwrap();
        let loaded = Aggregate { id: *id, document: saved, records: aggregate.records.clone() };
        assert_eq!(row(&loaded), expected_row);
        let text = serde_json::to_string(&expected_row).unwrap();
        assert_eq!(serde_json::from_str::<shared_model::features::Row>(&text).unwrap(), expected_row);
    }
    assert!(others.iter().all(|other| other.aggregates.len() == first.aggregates.len()));
}

/// All that the model kept is in the documents and records, and nothing else stands where it says nothing does.
pub fn model_survives(world: &World) {
    let aggregates = &world.devices[0].aggregates;
    let mut conflicts: BTreeMap<DocumentId, BTreeSet<String>> = BTreeMap::new();
    for (id, path, expected) in world.model.fields() {
        if is_inside_nothing(&world.model, id, path) {
            continue;
        }
        let document = &aggregates[&id].document;
        let present = values_at(document, path);
        assert_eq!(sorted(&present), sorted(&expected), "{path} of {id}");
        let scalars: Vec<&FieldValue> =
            expected.iter().filter(|value| **value != FieldValue::Object).collect();
        if scalars.windows(2).any(|pair| pair[0] != pair[1]) {
            conflicts.entry(id).or_default().insert(path.to_owned());
        }
    }
    for (id, aggregate) in aggregates {
        let listed = aggregate.document.conflicts();
        let expected = conflicts.remove(id).unwrap_or_default();
        assert_eq!(listed.iter().map(|conflict| conflict.field.clone()).collect::<BTreeSet<_>>(), expected);
        for conflict in listed {
            let values = conflict.values.iter().map(|value| value.value.clone()).collect::<Vec<_>>();
            assert_eq!(sorted(&values), sorted(&values_at(&aggregate.document, &conflict.field)));
            assert_shown_is_read(&aggregate.document, &conflict.field, &conflict.values);
        }
        lines_survive(&world.model, aggregate);
    }
}

/// Is this a field of an item that was taken away?
fn is_inside_nothing(model: &Model, id: DocumentId, path: &str) -> bool {
    let mut steps = path.splitn(3, '/');
    match (steps.next(), steps.next(), steps.next()) {
        (Some(map), Some(item), Some(_)) => model.values(id, &format!("{map}/{item}")).is_empty(),
        _ => false,
    }
}

fn place(document: &Document, path: &str) -> Option<(ObjId, String)> {
    let (parents, key) = path.rsplit_once('/').map_or((None, path), |(parents, key)| (Some(parents), key));
    let mut parent = ROOT;
    for step in parents.iter().flat_map(|parents| parents.split('/')) {
        parent = document.automerge().get(&parent, step).unwrap()?.1;
    }
    Some((parent, key.to_owned()))
}

fn values_at(document: &Document, path: &str) -> Vec<FieldValue> {
    let Some((parent, key)) = place(document, path) else { return Vec::new() };
    document.automerge().get_all(&parent, key).unwrap().iter().map(|(value, _)| plain(value)).collect()
}

fn plain(value: &Value<'_>) -> FieldValue {
    match value.as_scalar() {
        None => FieldValue::Object,
        Some(ScalarValue::Null) => FieldValue::Null,
        Some(ScalarValue::Str(text)) => FieldValue::Str(text.to_string()),
        Some(ScalarValue::Int(number)) => FieldValue::Int(*number),
        Some(ScalarValue::Boolean(value)) => FieldValue::Bool(*value),
        Some(ScalarValue::Timestamp(at)) => FieldValue::Timestamp(Timestamp::from_millis(*at)),
        Some(other) => panic!("no field holds {other:?}"),
    }
}

fn assert_shown_is_read(document: &Document, path: &str, values: &[ConcurrentValue]) {
    let (parent, key) = place(document, path).unwrap();
    let (read, _) = document.automerge().get(&parent, key).unwrap().unwrap();
    let shown: Vec<bool> = values.iter().map(|value| value.shown).collect();
    assert!(shown[0] && !shown[1..].contains(&true), "{shown:?}");
    assert_eq!(values[0].value, plain(&read));
}

fn sorted(values: &[FieldValue]) -> Vec<String> {
    let mut texts: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    texts.sort();
    texts
}

/// The keys of a set or map in which the model says something stands.
fn keys(model: &Model, id: DocumentId, map: &str) -> BTreeSet<String> {
    let items = model.fields().filter(|(document, _, values)| *document == id && !values.is_empty());
    let keys = items.filter_map(|(_, path, _)| path.strip_prefix(map)?.strip_prefix('/').map(str::to_owned));
    keys.filter(|key| !key.contains('/')).collect()
}

fn texts<T: ToString>(items: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    items.into_iter().map(|item| item.to_string()).collect()
}

/// The facts of one document of which `of` makes something.
fn stated<'m, T>(facts: &Facts<'m>, of: impl Fn(&'m Fact) -> Option<T>) -> BTreeMap<RecordId, T> {
    facts.iter().filter_map(|(id, fact)| Some((*id, of(fact)?))).collect()
}

/// Rows by their records; none stands there twice.
fn by_record<T>(rows: impl IntoIterator<Item = (RecordId, T)>) -> BTreeMap<RecordId, T> {
    let mut found = BTreeMap::new();
    for (id, row) in rows {
        assert!(found.insert(id, row).is_none(), "{id} twice");
    }
    found
}

fn comments_survive(facts: &Facts<'_>, shown: &[CommentLine]) {
    let said = stated(facts, |fact| if let Fact::Comment(text) = fact { Some(text) } else { None });
    assert_eq!(by_record(shown.iter().map(|line| (line.id, &line.text))), said);
}

fn costs_survive(facts: &Facts<'_>, aggregate: &Aggregate) {
    let entered = stated(facts, |fact| if let Fact::Cost(entry) = fact { Some(entry.clone()) } else { None });
    let rows = cost::costs(aggregate).into_iter().map(|line| {
        let CostLine { id, money, kind, note, external, .. } = line;
        (id, CostEntry { money, kind, note, external })
    });
    assert_eq!(by_record(rows), entered);
}

/// In the order in which they come to hold; two of one moment in the order of their records.
fn in_order<T: Clone>(stated: BTreeMap<RecordId, T>, from: impl Fn(&T) -> Timestamp) -> Vec<T> {
    let mut rows: Vec<(Timestamp, RecordId, T)> =
        stated.into_iter().map(|(id, row)| (from(&row), id, row)).collect();
    rows.sort_by_key(|(from, id, _)| (*from, *id));
    rows.into_iter().map(|(_, _, row)| row).collect()
}

fn lines_survive(model: &Model, aggregate: &Aggregate) {
    let id = aggregate.id;
    let own = model.facts.iter().filter(|((document, _), _)| *document == id);
    let facts: Facts<'_> = own.map(|((_, record), fact)| (*record, fact)).collect();
    assert_eq!(aggregate.records.len(), facts.len());
    costs_survive(&facts, aggregate);
    match view(aggregate) {
        View::WorkOrder(order) => {
            order_survives(model, &order, &facts);
            follows_the_events(model, aggregate, &order);
        }
        View::Asset(asset) => {
            text_survives(model, id, "description", &asset.description);
            assert_eq!(texts(asset.meters.iter().map(|meter| &meter.key)), keys(model, id, "meters"));
            assert_eq!(texts(&asset.spares), keys(model, id, "spares"));
            comments_survive(&facts, &asset.comments);
            let read =
                stated(&facts, |fact| if let Fact::Reading(key, v) = fact { Some((key, *v)) } else { None });
            let shown = asset.readings.iter().map(|line| (line.id, (&line.meter, line.value.thousandths())));
            assert_eq!(by_record(shown), read);
        }
        View::Part(part) => {
            text_survives(model, id, "description", &part.description);
            let stated =
                stated(&facts, |fact| if let Fact::Price(price) = fact { Some(*price) } else { None });
            assert_eq!(cost::prices(aggregate), in_order(stated, |price| price.from));
        }
        View::Storeroom(room) => {
            let shown = room.balances.iter().map(|(part, quantity)| (*part, quantity.thousandths()));
            assert_eq!(shown.collect::<BTreeMap<_, _>>(), balances(facts.into_values().cloned()));
        }
        View::ChecklistTemplate(template) => {
            let saved = keys(model, id, "versions");
            assert_eq!(texts(template.versions.iter().map(|version| &version.key)), saved);
        }
        View::Location(_) => {
            let stated = stated(&facts, |fact| if let Fact::Rate(rate) = fact { Some(*rate) } else { None });
            assert_eq!(cost::rates(aggregate), in_order(stated, |rate| rate.from));
        }
    }
}

/// Every sentence stands there once and whole, none that somebody removed, and every line in one piece to its end.
fn text_survives(model: &Model, id: DocumentId, field: &'static str, shown: &str) {
    let Some(text) = model.text(id, field) else { return assert_eq!(shown, "") };
    let mut found = sentences(shown);
    found.sort();
    assert_eq!(found, text.sentences(), "{field} of {id}: {shown:?}");
    for line in text.lines() {
        assert!(format!("{shown}\n").contains(&format!("{line}\n")), "{line:?} in {shown:?}");
    }
}

fn order_survives(model: &Model, order: &WorkOrder, facts: &Facts<'_>) {
    let id = order.id;
    text_survives(model, id, "description", &order.description);
    text_survives(model, id, "resolution", &order.resolution);
    assert_eq!(texts(&order.tags), keys(model, id, "tags"));
    assert_eq!(texts(&order.people), keys(model, id, "people"));
    assert_eq!(texts(&order.teams), keys(model, id, "teams"));
    assert_eq!(texts(order.assets.iter().map(|asset| asset.id)), keys(model, id, "assets"));
    assert_eq!(texts(order.parts.iter().map(|part| &part.key)), keys(model, id, "parts"));
    assert_eq!(texts(order.decisions.iter().map(|made| &made.key)), keys(model, id, "decisions"));
    comments_survive(facts, &order.comments);
    let worked = stated(facts, |fact| match fact {
        Fact::Labour(person, minutes, note) => Some((*person, *minutes, note)),
        _ => None,
    });
    let shown = order.labour.iter().map(|line| (line.id, (line.person, line.minutes, &line.note)));
    assert_eq!(by_record(shown), worked);
    let lists = keys(model, id, "checklists");
    assert_eq!(texts(order.checklists.iter().map(|list| &list.key)), lists);
    order.checklists.iter().for_each(|list| answers_survive(model, id, list));
    let said = stated(facts, |fact| if let Fact::Notice(text) = fact { Some(text) } else { None });
    assert_eq!(by_record(order.notices.iter().map(|line| (line.id, &line.notice.detail))), said);
    let settled = facts.values().filter_map(|f| if let Fact::Settled(id) = f { Some(id) } else { None });
    let dealt_with = order.notices.iter().filter(|line| line.settled_by.is_some());
    assert_eq!(texts(dealt_with.map(|line| line.id)), texts(settled));
}

/// An answer is shown where anybody's stands, as what it means, and the list counts what it asks for.
fn answers_survive(model: &Model, id: DocumentId, list: &ChecklistExecution) {
    for step in &list.steps {
        let shown = list.answers.get(&step.key);
        let standing = model.values(id, &format!("checklists/{}/answers/{}", list.key, step.key));
        match shown {
            Some(text) => {
                assert!(standing.contains(&FieldValue::Str(text.clone())), "{text} of {standing:?}");
            }
            None => assert!(standing.is_empty() || standing.contains(&FieldValue::Null), "{standing:?}"),
        }
        let expected = shown.map(|text| meaning(&step.key, text).expect("it was taken"));
        assert_eq!(list.answer(step), expected, "{}", step.key);
        let remarks = model.values(id, &format!("checklists/{}/remarks/{}", list.key, step.key));
        match list.remarks.get(&step.key) {
            Some(text) => {
                assert!(remarks.contains(&FieldValue::Str(text.clone())), "{text} of {remarks:?}");
            }
            None => assert_eq!(remarks, []),
        }
    }
    assert_eq!((list.answered(), list.answerable()), progress(&list.answers));
    let first = !list.answers.contains_key("s0");
    assert_eq!(list.unanswered_required(), if first { vec!["Step s0".to_owned()] } else { vec![] });
}
