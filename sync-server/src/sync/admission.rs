//! How many sockets may open in a second. After a restart or an outage every device comes back at once; each needs
//! a look at its session, a ticket and the end of the feed. A node lets in as many as it can serve beside its work
//! and gives everybody else a time of their own to come back, spread over the seconds that all of them need. The
//! storm of one organisation takes no more than half of what has gathered, so that it keeps nobody else outside.

use std::collections::HashMap;

use parking_lot::Mutex;
use shared_model::identity::OrganisationId;
use shared_model::instant::Timestamp;

use crate::error::{ApiError, RateLimit};

/// Sockets a node opens in a second, unless it is told otherwise.
pub const DEFAULT_SOCKETS_A_SECOND: u32 = 400;
/// Who has to wait longer is told to ask again after so long: the crowd may have gone home by then.
const LONGEST_WAIT_MS: f64 = 30_000.0;
/// What of a second's worth an organisation leaves to others once it has had its own share.
const RESERVE: f64 = 0.5;
/// Organisations whose buckets are full again are forgotten when there are so many.
const FORGET_ABOVE: usize = 1_000;

/// A node's door.
pub struct Admission {
    sockets_a_second: f64,
    doors: Mutex<Doors>,
}

struct Doors {
    node: Bucket,
    /// How many were sent away and have not had their time yet.
    crowd: f64,
    organisations: HashMap<OrganisationId, Bucket>,
}

/// Come back after so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComeBack {
    /// Milliseconds.
    pub after_ms: i64,
    /// Sockets that an organisation may be sure of in a second.
    pub quota: u32,
}

impl From<ComeBack> for ApiError {
    fn from(ComeBack { after_ms, quota }: ComeBack) -> Self {
        metrics::counter!("sync_sockets_put_off_total").increment(1);
        let title = "Many devices connect at the moment. Try again in a while; nothing is lost.";
        let seconds = after_ms.unsigned_abs().div_ceil(1_000);
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        Self::too_many("come_back", title)
            .limited(RateLimit { name: "sockets", quota, window_seconds: 1 }, seconds)
    }
}

/// Fills up to one second's worth.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    a_second: f64,
    tokens: f64,
    at: Timestamp,
}

impl Admission {
    /// A door that lets so many in a second.
    pub fn new(sockets_a_second: u32, now: Timestamp) -> Self {
        let sockets_a_second = f64::from(sockets_a_second.max(1));
        let node = Bucket::full(sockets_a_second, now);
        let doors = Doors { node, crowd: 0.0, organisations: HashMap::new() };
        Self { sockets_a_second, doors: Mutex::new(doors) }
    }

    /// Would anybody of this organisation get in now? Costs nothing, and is asked before anything that costs.
    pub fn look(&self, organisation: OrganisationId, now: Timestamp) -> Result<(), ComeBack> {
        self.pass(organisation, now, 0.0)
    }

    /// Lets somebody in, or tells when to come back.
    pub fn enter(&self, organisation: OrganisationId, now: Timestamp) -> Result<(), ComeBack> {
        self.pass(organisation, now, 1.0)
    }

    fn pass(&self, organisation: OrganisationId, now: Timestamp, taken: f64) -> Result<(), ComeBack> {
        let doors = &mut *self.doors.lock();
        if doors.organisations.len() > FORGET_ABOVE {
            doors.organisations.retain(|_, bucket| !bucket.is_full(now));
        }
        let reserve = self.sockets_a_second * RESERVE;
        // Whoever only looks may have made the organisation up, and is not worth remembering.
        let mut fresh = Bucket::full(reserve, now);
        let own = doors.organisations.get_mut(&organisation).unwrap_or(&mut fresh);
        own.refill(now);
        let seconds = doors.node.refill(now);
        doors.crowd = (doors.crowd - seconds * self.sockets_a_second).max(0.0);
        if doors.node.tokens >= 1.0 && (own.tokens >= 1.0 || doors.node.tokens > reserve) {
            own.tokens = (own.tokens - taken).max(0.0);
            doors.node.tokens -= taken;
            let own = *own;
            if taken > 0.0 {
                doors.organisations.insert(organisation, own);
            }
            return Ok(());
        }
        doors.crowd += 1.0;
        let wait_ms = (doors.crowd / self.sockets_a_second * 1_000.0).min(LONGEST_WAIT_MS);
        Err(ComeBack { after_ms: wait_ms as i64, quota: reserve as u32 })
    }
}

impl Bucket {
    const fn full(a_second: f64, now: Timestamp) -> Self {
        Self { a_second, tokens: a_second, at: now }
    }

    /// Returns the seconds since the last time.
    fn refill(&mut self, now: Timestamp) -> f64 {
        // A clock that was set back must not stop time.
        let seconds = now.millis_since(self.at).clamp(0, 60_000) as f64 / 1_000.0;
        self.at = now;
        self.tokens = (self.tokens + seconds * self.a_second).min(self.a_second);
        seconds
    }

    fn is_full(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        self.tokens >= self.a_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);
    const LOUD: OrganisationId = OrganisationId::from_bytes([1; 16]);
    const QUIET: OrganisationId = OrganisationId::from_bytes([2; 16]);

    #[test]
    fn a_storm_is_let_in_at_the_pace_of_the_door() {
        let door = Admission::new(200, NOON);
        // Ten thousand come within half a second; whoever is sent away comes at their time.
        let mut arrivals: Vec<i64> = (0..10_000).map(|number| number % 500).collect();
        let (mut inside, mut last, mut asked) = (Vec::new(), 0, 0);
        while !arrivals.is_empty() {
            arrivals.sort_unstable();
            let mut later = Vec::new();
            for at in arrivals {
                asked += 1;
                match door.enter(LOUD, NOON.plus_millis(at)) {
                    Ok(()) => {
                        inside.push(at);
                        last = last.max(at);
                    }
                    Err(ComeBack { after_ms, .. }) => later.push(at + after_ms.max(1)),
                }
            }
            arrivals = later;
        }
        assert_eq!(inside.len(), 10_000);
        let needed_ms = 10_000 * 1_000 / 200;
        assert!(last < needed_ms * 3 / 2, "the last one came in after {last} ms");
        assert!(asked < 60_000, "they asked {asked} times");
        for second in 0..=last / 1_000 {
            let of_second = inside.iter().filter(|at| *at / 1_000 == second).count();
            assert!(of_second <= 400, "{of_second} in second {second}");
        }
    }

    #[test]
    fn a_storm_of_one_organisation_keeps_nobody_else_outside() {
        let door = Admission::new(200, NOON);
        for millis in 0..5_000 {
            let now = NOON.plus_millis(millis);
            for _ in 0..10 {
                let _ = door.enter(LOUD, now);
            }
            if millis % 20 == 0 {
                assert_eq!(door.enter(QUIET, now), Ok(()), "after {millis} ms");
            }
        }
    }

    #[test]
    fn looking_takes_nothing() {
        let door = Admission::new(2, NOON);
        for _ in 0..100 {
            assert_eq!(door.look(LOUD, NOON), Ok(()));
        }
        assert_eq!(door.doors.lock().organisations.len(), 0, "nobody is remembered for it");
        assert_eq!(door.enter(LOUD, NOON), Ok(()));
        assert!(door.look(LOUD, NOON).is_err());
    }

    #[test]
    fn a_clock_set_back_does_not_close_the_door() {
        let door = Admission::new(2, NOON);
        assert_eq!(door.enter(LOUD, NOON), Ok(()));
        assert!(door.enter(LOUD, NOON).is_err());
        let earlier = NOON.plus_millis(-3_600_000);
        assert!(door.enter(LOUD, earlier).is_err());
        assert_eq!(door.enter(LOUD, earlier.plus_millis(1_000)), Ok(()));
    }

    #[test]
    fn nobody_is_sent_away_for_longer_than_a_while() {
        let door = Admission::new(1, NOON);
        let waits: Vec<i64> = (0..1_000)
            .filter_map(|_| door.enter(LOUD, NOON).err())
            .map(|ComeBack { after_ms, .. }| after_ms)
            .collect();
        assert!(waits.iter().all(|wait| *wait <= 30_000));
        assert!(waits.is_sorted());
    }
}
