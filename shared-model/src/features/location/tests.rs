//! Tests of the location feature.

use super::{Command, FieldEdit, NewLocation, read, scopes, summarise};
use crate::document::DocumentKind;
use crate::features::test_bench::{Bench, document, reason};
use crate::identity::DocumentId;
use crate::permission::{Role, Scope};

const SITE: DocumentId = document(1);
const HALL: DocumentId = document(2);

fn create(id: DocumentId, name: &str, parent: Option<DocumentId>) -> Command {
    let fields = vec![FieldEdit::TimeZone(Some("Australia/Perth".to_owned()))];
    Command::Create(Box::new(NewLocation { id, name: name.to_owned(), parent, site: parent, fields }))
}

#[test]
fn a_location_in_none_is_a_site_and_its_own() {
    let mut bench = Bench::of(Role::Admin);
    bench.must(create(SITE, "Mine", None));
    bench.must(create(HALL, "Hall 1", Some(SITE)));
    let (site, hall) = (summarise(bench.at(SITE)), summarise(bench.at(HALL)));
    assert_eq!((site.parent, site.site), (None, Some(SITE)));
    assert_eq!((hall.parent, hall.site), (Some(SITE), Some(SITE)));
    assert_eq!(hall.time_zone.as_deref(), Some("Australia/Perth"));
    assert_eq!(scopes(bench.at(HALL)), [Scope::Kind(DocumentKind::Location)]);
}

#[test]
fn a_location_moves_but_never_into_itself() {
    let mut bench = Bench::of(Role::Admin);
    bench.must(create(SITE, "Mine", None));
    bench.must(create(HALL, "Hall 1", None));
    bench.must(Command::Move { id: HALL, parent: Some(SITE), site: Some(SITE) });
    assert_eq!(read(bench.at(HALL)).parent, Some(SITE));
    assert_eq!(reason(bench.run(Command::Move { id: HALL, parent: Some(HALL), site: None })), "parent");
}

#[test]
fn only_those_who_may_change_locations() {
    let mut bench = Bench::of(Role::Technician);
    assert_eq!(reason(bench.run(create(SITE, "Mine", None))), "location:edit");
    let mut admin = bench.copy_for(2, Role::Admin);
    assert_eq!(reason(admin.run(create(SITE, "", None))), "name");
    admin.must(create(SITE, "Mine", None));
    let rename = Command::Edit { id: SITE, edits: vec![FieldEdit::Name("Quarry".to_owned())] };
    bench.merge(&admin);
    assert_eq!(reason(bench.run(rename.clone())), "location:edit");
    admin.must(rename);
    assert_eq!(summarise(admin.at(SITE)).name, "Quarry");
}
