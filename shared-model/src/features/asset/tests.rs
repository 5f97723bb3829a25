//! Tests of the asset feature.

use super::{
    AssetStatus, Command, Criticality, FieldEdit, Meter, NewAsset, Position, duplicate_tags, read, scopes,
    summarise,
};
use crate::document::{AnomalyKind, DocumentKind};
use crate::features::meter_reading::{self, MeterReading};
use crate::features::test_bench::{Bench, document, reason, record};
use crate::identity::DocumentId;
use crate::permission::{Role, Scope};
use crate::tree::circles;
use crate::units::Quantity;

const PUMP: DocumentId = document(1);
const LINE: DocumentId = document(2);
const SITE: DocumentId = document(3);

fn create(id: DocumentId, fields: Vec<FieldEdit>) -> Command {
    let (tag, name) = ("P-101".to_owned(), "Feed pump".to_owned());
    Command::Create(Box::new(NewAsset { id, tag, name, parent: None, site: None, location: None, fields }))
}

fn edit(field: FieldEdit) -> Command {
    Command::Edit { id: PUMP, edits: vec![field] }
}

fn move_to(id: DocumentId, parent: Option<DocumentId>) -> Command {
    Command::Move { id, parent, site: Some(SITE), location: None }
}

fn hours() -> Meter {
    Meter { key: "m0".to_owned(), name: "Running hours".to_owned(), unit: "h".to_owned() }
}

#[test]
fn an_asset_comes_with_all_its_fields_in_one_change() {
    let mut bench = Bench::of(Role::Technician);
    let position = Position { latitude: -31_950_000, longitude: 115_860_000 };
    bench.must(create(
        PUMP,
        vec![
            FieldEdit::Description("Feeds the boiler.".into()),
            FieldEdit::Criticality(Some(Criticality::A)),
            FieldEdit::Status(AssetStatus::Down),
            FieldEdit::Position(Some(position)),
            FieldEdit::Meter(hours()),
            FieldEdit::AddSpare(document(9)),
        ],
    ));
    assert_eq!(bench.made.len(), 1);
    let asset = read(bench.at(PUMP));
    assert_eq!((asset.tag.as_str(), asset.name.as_str()), ("P-101", "Feed pump"));
    assert_eq!((asset.description.as_str(), asset.position), ("Feeds the boiler.", Some(position)));
    assert_eq!((asset.meters, asset.spares), (vec![hours()], vec![document(9)]));
    let row = summarise(bench.at(PUMP));
    assert_eq!(
        (row.criticality, row.status, row.updated_at),
        (Some(Criticality::A), AssetStatus::Down, bench.now)
    );
    assert_eq!(asset.anomalies, []);
}

#[test]
fn an_asset_belongs_to_its_site_or_to_the_catalogue() {
    let mut bench = Bench::of(Role::Admin);
    bench.must(create(PUMP, vec![]));
    assert_eq!(scopes(bench.at(PUMP)), [Scope::Kind(DocumentKind::Asset)]);
    bench.must(move_to(PUMP, None));
    assert_eq!(scopes(bench.at(PUMP)), [Scope::Site(SITE)]);
}

#[test]
fn two_moves_that_close_a_circle_are_an_anomaly_not_a_refusal() {
    let mut a = Bench::of(Role::Admin);
    a.must(create(PUMP, vec![]));
    a.must(create(LINE, vec![]));
    let mut b = a.copy_for(2, Role::Admin);
    a.must(move_to(PUMP, Some(LINE)));
    b.must(move_to(LINE, Some(PUMP)));
    a.merge(&b);
    let parents = [PUMP, LINE].map(|id| (id, summarise(a.at(id)).parent)).into();
    assert_eq!(circles(&parents), [PUMP, LINE].into());
    // Moving one of them out again heals it.
    a.must(move_to(LINE, None));
    let parents = [PUMP, LINE].map(|id| (id, summarise(a.at(id)).parent)).into();
    assert_eq!(circles(&parents), [].into());
}

#[test]
fn nothing_is_a_part_of_itself() {
    let mut bench = Bench::of(Role::Admin);
    bench.must(create(PUMP, vec![]));
    assert_eq!(reason(bench.run(move_to(PUMP, Some(PUMP)))), "parent");
    // A document that says so all the same renders, with the oddity beside it.
    let actor = bench.author.actor();
    let aggregate = bench.aggregates.get_mut(&PUMP).unwrap();
    let wrote = aggregate.document.edit(actor, bench.now, |door| door.put_id(&["parent"], Some(PUMP)));
    assert!(wrote.is_ok());
    let odd: Vec<AnomalyKind> = read(bench.at(PUMP)).anomalies.iter().map(|anomaly| anomaly.kind).collect();
    assert_eq!(odd, [AnomalyKind::Cycle]);
}

#[test]
fn two_moves_at_once_show_both_places() {
    let mut a = Bench::of(Role::Admin);
    a.must(create(PUMP, vec![]));
    let mut b = a.copy_for(2, Role::Admin);
    a.must(move_to(PUMP, Some(LINE)));
    b.must(Command::Move { id: PUMP, parent: None, site: Some(document(4)), location: None });
    a.merge(&b);
    assert_eq!(summarise(a.at(PUMP)).conflicts, ["site"]);
}

#[test]
fn a_meter_is_read_renamed_and_taken_away() {
    let mut bench = Bench::of(Role::Technician);
    bench.must(create(PUMP, vec![FieldEdit::Meter(hours())]));
    let reading = MeterReading {
        meter: "m0".to_owned(),
        value: Quantity::whole(1_234),
        unit: "h".to_owned(),
        work_order: None,
    };
    let add = |id, meter: &str| meter_reading::Command::Add {
        id: record(id),
        asset: PUMP,
        reading: MeterReading { meter: meter.to_owned(), ..reading.clone() },
    };
    bench.must(add(1, "m0"));
    assert_eq!(reason(bench.run(add(2, "m1"))), "meter");
    bench.must(edit(FieldEdit::Meter(Meter { name: "Hours".to_owned(), ..hours() })));
    assert_eq!(read(bench.at(PUMP)).meters[0].name, "Hours");
    bench.must(edit(FieldEdit::RemoveMeter("m0".to_owned())));
    let asset = read(bench.at(PUMP));
    assert_eq!((asset.meters.len(), asset.readings.len()), (0, 1), "what was read stays");
    assert_eq!(reason(bench.run(add(2, "m0"))), "meter");
}

#[test]
fn what_people_type_wrongly_names_the_field() {
    let mut bench = Bench::of(Role::Admin);
    bench.must(create(PUMP, vec![]));
    let off_earth = Position { latitude: 90_000_001, longitude: 0 };
    assert_eq!(reason(bench.run(edit(FieldEdit::Tag(" ".to_owned())))), "tag");
    assert_eq!(reason(bench.run(edit(FieldEdit::Serial(Some("x".repeat(65)))))), "serial");
    assert_eq!(reason(bench.run(edit(FieldEdit::Position(Some(off_earth))))), "position");
    assert_eq!(reason(bench.run(edit(FieldEdit::Meter(Meter { key: String::new(), ..hours() })))), "meter");
    assert_eq!(reason(bench.run(edit(FieldEdit::Custom("ä".to_owned(), None)))), "custom");
    assert_eq!(reason(bench.run(create(PUMP, vec![]))), "already_exists");
    bench = bench.copy_for(2, Role::Storekeeper);
    assert_eq!(reason(bench.run(edit(FieldEdit::Tag("X".to_owned())))), "asset:edit");
    assert_eq!(reason(bench.run(create(LINE, vec![]))), "asset:edit");
}

#[test]
fn a_tag_typed_twice_names_the_other_asset() {
    let mut bench = Bench::of(Role::Technician);
    for id in [PUMP, LINE, document(4)] {
        bench.must(create(id, vec![]));
    }
    bench.must(Command::Edit { id: LINE, edits: vec![FieldEdit::Tag(" p-101 ".to_owned())] });
    bench.must(Command::Edit { id: document(4), edits: vec![FieldEdit::Tag("P-102".to_owned())] });
    let rows: Vec<_> = [PUMP, LINE, document(4)].iter().map(|id| summarise(bench.at(*id))).collect();
    assert_eq!(duplicate_tags(rows.iter()), [[PUMP, LINE]]);
}
