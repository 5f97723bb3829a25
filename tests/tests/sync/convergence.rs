//! A few stories of the simulator; `cargo xtask sim` tells many more.

use maintainpro_tests::simulator::{kept_seeds, run_seeds};

#[test]
fn devices_and_nodes_agree_whatever_goes_wrong() {
    let (outcomes, trace) = run_seeds(0..10);
    let broken: Vec<_> = outcomes.iter().filter(|outcome| outcome.broken.is_some()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(outcomes.iter().all(|outcome| outcome.commands > 20 && outcome.faults > 5), "{outcomes:#?}");

    let (_, again) = run_seeds(0..10);
    assert_eq!(trace, again, "the same seeds are not the same stories");
}

#[test]
fn stories_that_once_ended_badly_end_well() {
    let kept = kept_seeds();
    assert!(kept.len() >= 26, "nobody takes one away: {kept:?}");
    let (outcomes, _) = run_seeds(kept);
    let broken: Vec<_> = outcomes.iter().filter(|outcome| outcome.broken.is_some()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn nodes_of_two_versions_side_by_side_lose_nothing() {
    let (outcomes, _) = run_seeds((1..110).step_by(11));
    let broken: Vec<_> = outcomes.iter().filter(|outcome| outcome.broken.is_some()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let not_understood: u64 = outcomes.iter().map(|outcome| outcome.not_understood).sum();
    assert!(not_understood > 0, "no older node was asked for what it does not know");
}
