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

/// A device wrote about a document that left it, a backup was restored that lacks what it wrote, and the document came
/// again: its next change had a number that another device holds with other content.
#[test]
fn no_number_is_given_twice_when_a_backup_brings_a_document_again() {
    for seed in [8495, 13137, 15036, 19073] {
        assert_eq!(run_seed(seed, false).broken, None, "seed {seed}");
    }
}

/// A device wrote, was restarted, and the directory that would have said whose its actor was is lost: it is its own.
#[test]
fn a_device_knows_its_own_work_after_a_restart() {
    assert_eq!(run_seed(16813, false).broken, None);
}

/// What was refused once, and once more because its document was deleted or has a new root.
#[test]
fn what_needs_attention_says_why() {
    for seed in [10292, 10316, 13097, 13981, 15865, 17251, 19895] {
        assert_eq!(run_seed(seed, false).broken, None, "seed {seed}");
    }
}
