//! A few stories of the simulator; `cargo xtask sim` tells many more.

use maintainpro_tests::simulator::run_seeds;

#[test]
fn devices_and_nodes_agree_whatever_goes_wrong() {
    let (outcomes, trace) = run_seeds(0..10);
    let broken: Vec<_> = outcomes.iter().filter(|outcome| outcome.broken.is_some()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(outcomes.iter().all(|outcome| outcome.commands > 20 && outcome.faults > 5), "{outcomes:#?}");

    let (_, again) = run_seeds(0..10);
    assert_eq!(trace, again, "the same seeds are not the same stories");
}
