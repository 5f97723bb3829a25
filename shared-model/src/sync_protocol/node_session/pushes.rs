//! Pushed commands on their way to the ingest: one batch at a time, in order, and only so many waiting.

use std::collections::VecDeque;

use super::send;
use crate::sync_protocol::weight::light;
use crate::sync_protocol::{CommandResult, NodeEffect, PushedCommand, ServerFrame};

/// Most commands that wait; an honest device has four under way.
const MAX_WAITING: usize = 64;
/// Most commands of one batch.
const MAX_BATCH: usize = 16;
/// When a device that pushes too much may try again.
const RETRY_MS: u64 = 1_000;

#[derive(Debug, Default)]
pub(super) struct Pushes {
    waiting: VecDeque<PushedCommand>,
    under_way: Option<u64>,
    last_batch: u64,
}

impl Pushes {
    /// Takes a message in: as many of its commands, from the first, as are not too much for one. The device says the others
    /// again.
    pub(super) fn pushed(&mut self, mut commands: Vec<PushedCommand>, out: &mut Vec<NodeEffect>) {
        let is_crowded = self.waiting.len() + commands.len() > MAX_WAITING;
        let taken = if is_crowded { 0 } else { light(commands.iter()).min(commands.len()) };
        let retry = |command: PushedCommand| (command.id, CommandResult::Retry { after_ms: RETRY_MS });
        let results: Vec<_> = commands.drain(taken..).map(retry).collect();
        if !results.is_empty() {
            out.push(send(&ServerFrame::PushResults { results }));
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

    fn next(&mut self, out: &mut Vec<NodeEffect>) {
        if self.under_way.is_some() || self.waiting.is_empty() {
            return;
        }
        let batch = light(self.waiting.iter().take(MAX_BATCH));
        self.last_batch += 1;
        self.under_way = Some(self.last_batch);
        let commands = self.waiting.drain(..batch).collect();
        out.push(NodeEffect::Ingest { batch: self.last_batch, commands });
    }
}
