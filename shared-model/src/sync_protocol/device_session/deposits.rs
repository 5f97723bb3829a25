//! What waits in the outbox of somebody who cannot sign in is offered to the server, a few commands at a time.

use super::DeviceSession;
use super::line::State;
use super::storage::Storing;
use crate::identity::CommandId;
use crate::sync_protocol::{DepositFailure, DeviceEffect, Fate};

/// Whether there is anything to offer at the moment.
#[derive(Debug, Default)]
pub(super) struct Deposits {
    last: u64,
    is_under_way: bool,
    /// The server wants nothing, until it is heard anew that somebody has to sign in.
    rests: bool,
}

impl Deposits {
    /// The connection is gone: what was under way does not matter any more.
    pub(super) const fn begin_anew(&mut self) {
        (self.is_under_way, self.rests) = (false, false);
    }

    pub(super) const fn rest(&mut self) {
        self.rests = true;
    }

    const fn begin(&mut self) -> u64 {
        self.last += 1;
        self.is_under_way = true;
        self.last
    }

    /// Is this the answer that is waited for?
    const fn end(&mut self, deposit: u64) -> bool {
        let is_awaited = self.is_under_way && self.last == deposit;
        self.is_under_way &= !is_awaited;
        is_awaited
    }
}

impl DeviceSession {
    pub(super) fn next_deposit(&mut self, out: &mut Vec<DeviceEffect>) {
        let is_shut_out = matches!(self.line.state, State::SignInNeeded);
        if !is_shut_out || self.deposits.rests || self.deposits.is_under_way || !self.storage.is_empty() {
            return;
        }
        let commands = self.outbox.to_deposit();
        if !commands.is_empty() {
            out.push(DeviceEffect::Deposit { deposit: self.deposits.begin(), commands });
        }
    }

    pub(super) fn deposited(&mut self, deposit: u64, held: Vec<CommandId>, out: &mut Vec<DeviceEffect>) {
        if !self.deposits.end(deposit) {
            return;
        }
        if held.is_empty() {
            return self.deposits.rest();
        }
        let fates = held.iter().map(|id| (*id, Fate::Held)).collect();
        let ticket = self.storage.begin(Storing::Held { commands: held });
        out.push(DeviceEffect::Settle { ticket, fates });
    }

    pub(super) fn deposit_failed(&mut self, deposit: u64, cause: DepositFailure) {
        if !self.deposits.end(deposit) {
            return;
        }
        match cause {
            // After the back-off the device connects, hears the same again and comes back to this.
            DepositFailure::Lost => self.wait(0),
            DepositFailure::Refused => self.deposits.rest(),
        }
    }
}
