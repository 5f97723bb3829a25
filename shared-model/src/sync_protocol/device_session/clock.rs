//! A clock that only goes forward, made from one that jumps.

use crate::instant::Timestamp;

/// Milliseconds of elapsed time since the session began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant(i64);

impl Instant {
    pub(super) const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    pub(super) const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[derive(Debug, Default)]
pub(super) struct Clock {
    elapsed: Instant,
    wall: Option<Timestamp>,
}

impl Clock {
    /// The wall clock says `now`. Set back, no time has passed.
    pub(super) fn advance(&mut self, now: Timestamp) {
        let passed = self.wall.map_or(0, |before| now.millis_since(before).max(0));
        self.elapsed = self.elapsed.plus(passed);
        self.wall = Some(now);
    }

    pub(super) const fn now(&self) -> Instant {
        self.elapsed
    }

    /// What the wall clock shows at `instant`, as things are.
    pub(super) fn wall(&self, instant: Instant) -> Timestamp {
        self.wall.unwrap_or_default().plus_millis(instant.since(self.elapsed))
    }

    pub(super) fn wall_now(&self) -> Timestamp {
        self.wall.unwrap_or_default()
    }
}
