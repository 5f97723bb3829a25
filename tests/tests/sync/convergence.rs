//! A few stories of the simulator; `cargo xtask sim` tells many more.

use maintainpro_tests::simulator::{run_seed, run_seeds};

#[test]
fn devices_and_nodes_agree_whatever_goes_wrong() {
    let (outcomes, trace) = run_seeds(0..10);
    let broken: Vec<_> = outcomes.iter().filter(|outcome| outcome.broken.is_some()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(outcomes.iter().all(|outcome| outcome.commands > 20 && outcome.faults > 5), "{outcomes:#?}");

    let (_, again) = run_seeds(0..10);
    assert_eq!(trace, again, "the same seeds are not the same stories");
}

/// A disk lost a document, and its person the right to read it: the row stayed.
#[test]
fn a_row_goes_whose_document_a_disk_lost_and_nobody_may_read() {
    assert_eq!(run_seed(1075, false).broken, None);
}

/// A disk lost a document between its row and its pack: the row was of the copy before the load.
#[test]
fn a_row_is_made_anew_whose_document_a_disk_lost_during_a_load() {
    assert_eq!(run_seed(3153, false).broken, None);
}
