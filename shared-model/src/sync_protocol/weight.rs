//! What pushed commands weigh: how much one message may bring, so that judging it takes bounded time however many
//! commands it has.

use super::PushedCommand;
use crate::gate::{self, LIMITS};

/// What the commands of one message weigh at most, and those that are judged at once; a single one may be heavier by its
/// items.
pub(super) const MAX_PUSH_WEIGHT: usize = LIMITS.command_weight;
/// What a command costs beside its items, as so many operations: a document as large as one may be is merged on a copy and
/// read anew for lists and rights.
const COMMAND_WEIGHT: usize = 1_200;
/// What an item costs beside its operations: it is judged upon the whole of its document.
const ITEM_WEIGHT: usize = 200;

/// What judging a command costs, as so many operations.
pub(super) fn weight(command: &PushedCommand) -> usize {
    COMMAND_WEIGHT + command.items.len() * ITEM_WEIGHT + gate::burden(command).weight
}

/// How many of these come first that are not too much together: one at least.
pub(super) fn light<'a>(commands: impl Iterator<Item = &'a PushedCommand>) -> usize {
    let mut total = 0;
    let fitting = commands.take_while(|command| {
        total += weight(command);
        total <= MAX_PUSH_WEIGHT
    });
    fitting.count().max(1)
}
