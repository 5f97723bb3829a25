//! A load by packs: one is fetched while those before it are stored.

use super::DeviceSession;
use super::clock::Instant;
use super::line::Backoff;
use super::storage::Storing;
use crate::sync_protocol::{DeviceEffect, Pack, PackFailure};

/// Packs that may have arrived without being stored.
const PACKS_AHEAD: usize = 2;
/// A pack that takes longer is lost.
const PACK_MS: i64 = 60_000;
/// After so many in a row that did not come, something in between does not let them pass: snapshots come through
/// the socket, which is open.
const MAX_FAILURES: u32 = 5;

/// Packs over all connections.
#[derive(Debug, Default)]
pub(super) struct Packs {
    last_fetch: u64,
    pub(super) backoff: Backoff,
    failures: u32,
    /// Loads go by snapshots.
    pub(super) given_up: bool,
    /// The load cannot go on where it is.
    pub(super) stale: bool,
}

/// Packs of a load on one connection.
#[derive(Debug, Default)]
pub(super) struct PackRun {
    under_way: Option<(u64, Instant)>,
    retry_at: Option<Instant>,
}

impl PackRun {
    pub(super) fn due(&self) -> Option<Instant> {
        self.under_way.map(|(_, since)| since.plus(PACK_MS)).or(self.retry_at)
    }
}

impl DeviceSession {
    /// Asks for the next pack when it is time.
    pub(super) fn next_pack(&mut self, out: &mut Vec<DeviceEffect>) {
        let (now, ahead) = (self.clock.now(), self.storage.pages());
        let Some(run) = self.line.open().and_then(|open| open.load.as_mut()) else { return };
        let (Some(packs), Some(progress)) = (&mut run.packs, &run.next.packs) else { return };
        let waits = packs.retry_at.is_some_and(|at| at > now);
        if run.complete || waits || packs.under_way.is_some() || ahead >= PACKS_AHEAD {
            return;
        }
        self.packs.last_fetch += 1;
        let fetch = self.packs.last_fetch;
        packs.retry_at = None;
        packs.under_way = Some((fetch, now));
        out.push(DeviceEffect::FetchPack { fetch, next: progress.next.clone() });
    }

    /// A pack that was asked for long ago is lost.
    pub(super) fn pack_times_out(&mut self, out: &mut Vec<DeviceEffect>) {
        let now = self.clock.now();
        let run = self.line.open().and_then(|open| open.load.as_ref()).and_then(|run| run.packs.as_ref());
        let late = run.and_then(|run| run.under_way).filter(|(_, since)| since.plus(PACK_MS) <= now);
        if let Some((fetch, _)) = late {
            self.pack_failed(fetch, PackFailure::Lost, out);
        }
    }

    pub(super) fn pack_arrived(&mut self, fetch: u64, bytes: &[u8], out: &mut Vec<DeviceEffect>) {
        if !self.expects_pack(fetch) {
            return;
        }
        // Bytes that are no pack come from something that is not our server.
        let Ok(pack) = Pack::decode(bytes) else { return self.pack_failed(fetch, PackFailure::Lost, out) };
        self.line.last_contact = Some(self.clock.wall_now());
        let Some(run) = self.line.open().and_then(|open| open.load.as_mut()) else { return };
        if *pack.rights != run.next.rights {
            return self.pack_failed(fetch, PackFailure::Stale, out);
        }
        run.packs = Some(PackRun::default());
        run.complete = pack.next.is_none();
        let load = run.next.clone();
        if let Some(next) = &pack.next {
            run.next = load.after_pack(next, pack.documents.len());
        }
        self.packs = Packs { last_fetch: self.packs.last_fetch, ..Packs::default() };
        let (next, count) = (pack.next.clone(), pack.documents.len());
        let at = pack.at.clone();
        self.store_part(load, at.as_ref(), out, |storage, load| {
            let ticket = storage.begin(Storing::Pack { load: load.clone(), next, count });
            DeviceEffect::StorePack { ticket, load, pack: Box::new(pack) }
        });
    }

    pub(super) fn pack_failed(&mut self, fetch: u64, cause: PackFailure, out: &mut Vec<DeviceEffect>) {
        if !self.expects_pack(fetch) {
            return;
        }
        self.packs.failures += 1;
        match cause {
            PackFailure::SignInNeeded => self.hang_up_until_signed_in(out),
            PackFailure::Lost | PackFailure::Stale if self.packs.failures >= MAX_FAILURES => {
                self.packs.given_up = true;
                self.hang_up(0, out);
            }
            PackFailure::Refused => {
                self.packs.given_up = true;
                self.hang_up(0, out);
            }
            // Welcome says the present rights and where the feed is, and the load begins anew.
            PackFailure::Stale => {
                self.packs.stale = true;
                self.hang_up(0, out);
            }
            PackFailure::Lost => {
                let retry_at = self.clock.now().plus(self.packs.backoff.delay(0));
                if let Some(run) = self.line.open().and_then(|open| open.load.as_mut()) {
                    run.packs = Some(PackRun { under_way: None, retry_at: Some(retry_at) });
                }
            }
        }
    }

    fn expects_pack(&mut self, fetch: u64) -> bool {
        let run = self.line.open().and_then(|open| open.load.as_ref()).and_then(|run| run.packs.as_ref());
        run.and_then(|run| run.under_way).is_some_and(|(under_way, _)| under_way == fetch)
    }
}
