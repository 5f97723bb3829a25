//! What a session does with work that nobody can send.

use super::*;
use crate::sync_protocol::DepositFailure;

impl Talk {
    /// The server says that somebody has to sign in; returns what the session does.
    fn shut_out(&mut self) -> Vec<DeviceEffect> {
        let effects = self.tell(DeviceEvent::Online);
        let [DeviceEffect::Dial { connection }] = effects[..] else { panic!("{effects:?}") };
        self.tell(DeviceEvent::Disconnected { connection, cause: Disconnect::SignInNeeded })
    }
}

/// The deposit among these effects, and its commands.
fn offered(effects: &[DeviceEffect]) -> Option<(u64, Vec<CommandId>)> {
    effects.iter().find_map(|effect| match effect {
        DeviceEffect::Deposit { deposit, commands } => {
            Some((*deposit, commands.iter().map(|command| command.id).collect()))
        }
        _ => None,
    })
}

#[test]
fn what_waits_is_offered_once_and_marked_when_it_is_held() {
    let mut refused = entry(2, &[1]);
    refused.refused = true;
    let mut talk = Talk::new(standing(9), vec![entry(1, &[1]), refused, entry(3, &[2])]);
    let (deposit, commands) = offered(&talk.shut_out()).unwrap();
    assert_eq!(commands, [id(1), id(3)], "what was refused needs attention and stays");
    assert_eq!(offered(&talk.tell(DeviceEvent::Tick)), None, "one at a time");

    let effects = talk.tell(DeviceEvent::Deposited { deposit, held: commands });
    let [DeviceEffect::Settle { ticket, fates }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*fates, [(id(1), Fate::Held), (id(3), Fate::Held)]);
    assert_eq!(talk.stored(*ticket), []);
    assert_eq!(talk.session.status().waiting, 3, "nothing leaves the outbox");

    let effects = talk.tell(DeviceEvent::Saved(entry(4, &[2])));
    assert_eq!(offered(&effects).unwrap().1, [id(4)], "the others are held already");
    let (deposit, _) = offered(&effects).unwrap();
    talk.tell(DeviceEvent::DepositFailed { deposit, cause: DepositFailure::Refused });
    assert_eq!(offered(&talk.shut_out()).unwrap().1, [id(4)]);
}

#[test]
fn a_marked_command_is_marked_after_a_restart_and_sent_when_somebody_signs_in() {
    let mut held = entry(1, &[1]);
    held.held = true;
    let stored = || vec![held.clone()];
    let mut talk = Talk::new(standing(9), stored());
    assert_eq!(talk.shut_out(), []);
    let mut talk = Talk::new(standing(9), stored());
    assert_eq!(pushed(&talk.open(Plan::Delta)), [id(1)]);
    let effects = talk.answer(1, CommandResult::Duplicate { seqs: vec![7] });
    assert!(
        matches!(&effects[..], [DeviceEffect::Settle { fates, .. }] if fates[..] == [(id(1), Fate::Accepted)])
    );
}

#[test]
fn from_somebody_who_may_sign_in_nothing_is_taken_and_nobody_insists() {
    let mut talk = Talk::new(standing(9), vec![entry(1, &[1])]);
    let (deposit, _) = offered(&talk.shut_out()).unwrap();
    assert_eq!(talk.tell(DeviceEvent::DepositFailed { deposit, cause: DepositFailure::Refused }), []);
    assert_eq!(talk.session.status().link, Link::SignInNeeded);
    assert_eq!(talk.session.wake_at(), None);
    let effects = talk.tell(DeviceEvent::Saved(entry(2, &[1])));
    assert_eq!(effects, []);
}

#[test]
fn a_deposit_that_was_lost_is_tried_again_after_the_back_off() {
    let mut talk = Talk::new(standing(9), vec![entry(1, &[1])]);
    talk.random = 100;
    let (deposit, _) = offered(&talk.shut_out()).unwrap();
    assert_eq!(
        offered(&talk.tell(DeviceEvent::DepositFailed { deposit, cause: DepositFailure::Lost })),
        None
    );
    talk.now += talk.retry_in() + 1;
    let effects = talk.tell(DeviceEvent::Tick);
    let [DeviceEffect::Dial { connection }] = effects[..] else { panic!("{effects:?}") };
    let effects = talk.tell(DeviceEvent::Disconnected { connection, cause: Disconnect::SignInNeeded });
    let (again, commands) = offered(&effects).unwrap();
    assert_eq!(commands, [id(1)]);
    assert_eq!(talk.tell(DeviceEvent::Deposited { deposit, held: vec![id(1)] }), [], "an answer too late");
    assert!(!talk.tell(DeviceEvent::Deposited { deposit: again, held: commands }).is_empty());
}

#[test]
fn many_commands_go_a_few_at_a_time_and_a_full_disk_does_not_turn_it_into_a_loop() {
    let many = (0..100).map(|n| entry(n, &[1])).collect();
    let mut talk = Talk::new(standing(9), many);
    let (deposit, commands) = offered(&talk.shut_out()).unwrap();
    assert_eq!(commands.len(), 64);
    let effects = talk.tell(DeviceEvent::Deposited { deposit, held: commands });
    let [DeviceEffect::Settle { ticket, .. }] = effects[..] else { panic!("{effects:?}") };
    let (deposit, commands) = offered(&talk.stored(ticket)).unwrap();
    assert_eq!(commands.len(), 36);
    let effects = talk.tell(DeviceEvent::Deposited { deposit, held: commands });
    let [DeviceEffect::Settle { ticket, .. }] = effects[..] else { panic!("{effects:?}") };
    assert_eq!(talk.tell(DeviceEvent::StoreFailed { ticket }), []);
    assert_eq!(offered(&talk.shut_out()).unwrap().1.len(), 36, "next time");
}
