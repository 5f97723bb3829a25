//! Merge properties: whatever people do on two to five devices, in whatever order, part and repetition the results
//! arrive, all devices end alike, the gate lets every honest byte pass, and nothing anybody typed is lost. What must
//! survive is said by a model of plain maps that knows nothing of Automerge.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod check;
mod draw;
mod model;
mod replica;
mod status;
mod world;

use proptest::prelude::*;

use draw::Slot;
use world::World;

/// One step of a story.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody does something on a device.
    Act { device: usize, slot: Slot, dice: u64 },
    /// Some of what was made so far arrives at a device, in any order, some of it twice.
    Deliver { device: usize, dice: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let act = (0..5usize, prop::sample::select(Slot::weighted()), any::<u64>())
        .prop_map(|(device, slot, dice)| Step::Act { device, slot, dice });
    let deliver = (0..5usize, any::<u64>()).prop_map(|(device, dice)| Step::Deliver { device, dice });
    prop_oneof![4 => act, 1 => deliver]
}

/// How many stories: 80, unless `PROPTEST_CASES` says otherwise.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn devices_end_alike_and_nothing_typed_is_lost(
        devices in 2..=5usize,
        steps in prop::collection::vec(step(), 8..56),
        last in any::<u64>(),
    ) {
        let mut world = World::new(devices);
        for step in steps {
            match step {
                Step::Act { device, slot, dice } => world.act(device % devices, slot, dice),
                Step::Deliver { device, dice } => world.deliver_some(device % devices, dice),
            }
        }
        world.deliver_everything(last);
        check::devices_are_alike(&world);
        check::model_survives(&world);
    }

    #[test]
    fn lines_that_people_type_at_the_same_time_stand_whole(
        devices in 2..=5usize,
        rounds in prop::collection::vec((prop::collection::vec((0..5usize, any::<u64>()), 2..8), 0..5usize, any::<u64>()), 1..6),
        last in any::<u64>(),
    ) {
        let mut world = World::new(devices);
        for (typed, reader, delivery) in rounds {
            typed.iter().for_each(|(device, dice)| world.write(device % devices, *dice));
            world.deliver_some(reader % devices, delivery);
        }
        world.deliver_everything(last);
        check::devices_are_alike(&world);
        check::model_survives(&world);
    }
}

#[test]
fn every_command_is_drawn_and_can_succeed() {
    let mut world = World::new(2);
    for slot in Slot::ALL {
        let succeeded = (0..200u64).any(|round| world.try_act(0, *slot, round));
        assert!(succeeded, "{slot:?} never succeeds");
        if *slot == Slot::WorkOrderEdit {
            // Settling needs a conflict: the other device writes every field of the same documents first.
            (0..40u64).for_each(|round| world.act(1, Slot::WorkOrderEdit, round));
            world.deliver_everything(7);
        }
    }
    world.deliver_everything(1);
    check::devices_are_alike(&world);
    check::model_survives(&world);
}
