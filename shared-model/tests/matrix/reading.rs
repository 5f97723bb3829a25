//! Reading: documents of every kind and records of every kind, for every role under every limit.

use shared_model::document::DocumentKind;
use shared_model::features;
use shared_model::record::RecordKind;

use super::oracle::{ME, OTHER, PLACES, Somebody};
use super::scene::Scene;

#[test]
fn whoever_reads_a_document_reads_its_records_but_for_money() {
    let mut cells = 0;
    for (seed, place) in (50..).zip(PLACES) {
        let scene = Scene::new(seed, place.place(), ME, OTHER);
        for somebody in Somebody::all() {
            let grants = somebody.grants();
            for kind in DocumentKind::ALL {
                cells += 1;
                let scopes = features::scopes(&scene.documents[&scene.of_kind(*kind)]);
                let what = format!("{somebody:?} {place:?} {kind:?}");
                assert_eq!(grants.read_document(*kind, &scopes), somebody.reads(*kind, place), "{what}");
                for record in RecordKind::ALL.iter().filter(|record| record.owners().contains(kind)) {
                    cells += 1;
                    let reads = grants.read_document(*kind, &scopes) && grants.read_record(*record, &scopes);
                    assert_eq!(reads, somebody.reads_record(*record, *kind, place), "{what} {record:?}");
                }
            }
        }
    }
    println!("{cells} cells of reading");
}
