//! Pushed commands on their way to the ingest: one batch at a time, in order, and only so many waiting.

use std::collections::VecDeque;

use super::send;
use crate::gate::{self, LIMITS};
use crate::sync_protocol::{CommandResult, NodeEffect, PushedCommand, ServerFrame};

/// Most commands that wait; an honest device has four under way.
const MAX_WAITING: usize = 64;
/// Most commands of one batch.
const MAX_BATCH: usize = 16;
/// What looking at an item costs, as so many operations: each is judged upon the whole of its document.
const ITEM_WEIGHT: usize = 400;
/// When a device that pushes too much may try again.
const RETRY_MS: u64 = 1_000;

#[derive(Debug, Default)]
pub(super) struct Pushes {
    waiting: VecDeque<PushedCommand>,
    under_way: Option<u64>,
    last_batch: u64,
}

impl Pushes {
    pub(super) fn pushed(&mut self, commands: Vec<PushedCommand>, out: &mut Vec<NodeEffect>) {
        if self.waiting.len() + commands.len() > MAX_WAITING {
            let retry = |command: PushedCommand| (command.id, CommandResult::Retry { after_ms: RETRY_MS });
            let results = commands.into_iter().map(retry).collect();
            out.push(send(&ServerFrame::PushResults { results }));
            return;
        }
        self.waiting.extend(commands);
        self.next(out);
    }

    pub(super) fn answered(&mut self, batch: u64, out: &mut Vec<NodeEffect>) {
        if self.under_way == Some(batch) {
            self.under_way = None;
            self.next(out);
        }
    }

    /// How many commands are judged at once: the first, and those after it that are not too much together.
    fn batch(&self) -> usize {
        let mut weight = 0;
        let light = self.waiting.iter().take(MAX_BATCH).take_while(|command| {
            weight += gate::burden(command).weight + command.items.len() * ITEM_WEIGHT;
            weight <= LIMITS.command_weight
        });
        light.count().max(1)
    }

    fn next(&mut self, out: &mut Vec<NodeEffect>) {
        if self.under_way.is_some() || self.waiting.is_empty() {
            return;
        }
        self.last_batch += 1;
        self.under_way = Some(self.last_batch);
        let commands = self.waiting.drain(..self.batch()).collect();
        out.push(NodeEffect::Ingest { batch: self.last_batch, commands });
    }
}
