//! Named points between any two steps of the way into the feed, where a test lets the process die.
//!
//! Only builds with debug assertions look: `MAINTAINPRO_CRASH_AT=NAME` ends the process when it passes the point for
//! the first time, `NAME:N` at the N-th. In a release build [`pass`] is nothing at all.

macro_rules! points {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// A place to die.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum CrashPoint { $($(#[$doc])* $variant,)+ }

        impl CrashPoint {
            /// Every point there is, in the order a command comes by.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// What `MAINTAINPRO_CRASH_AT` calls it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

points! {
    /// Commands have arrived and nothing was read.
    Arrived = "arrived",
    /// Documents, owners and earlier commands are read, nothing is judged.
    Read = "read",
    /// A batch is judged, nothing is stored.
    Judged = "judged",
    /// New actors belong to their devices for ever; their first commands are not stored.
    ActorsBound = "actors-bound",
    /// The documents are locked.
    DocumentsLocked = "documents-locked",
    /// The documents are written, their rows are not.
    DocumentsWritten = "documents-written",
    /// The server has decided, numbers are taken.
    Decided = "decided",
    /// Everything is projected, nothing is in the feed.
    Projected = "projected",
    /// The feed's counter is taken.
    CounterTaken = "counter-taken",
    /// The rows of the feed are written, the commands are not remembered.
    FeedExtended = "feed-extended",
    /// All is written and nothing committed.
    BeforeCommit = "before-commit",
    /// All is committed and nobody knows.
    AfterCommit = "after-commit",
    /// Other sockets and nodes were told of the rows, the authors were not.
    Woken = "woken",
    /// The batch is settled, the frame with its results is not sent.
    BeforeAnswer = "before-answer",
    /// The frame with the results is with the network.
    AfterAnswer = "after-answer",
    /// Snapshots are taken, not written.
    SnapshotsTaken = "snapshots-taken",
    /// Snapshots are written, not committed.
    SnapshotsWritten = "snapshots-written",
    /// Snapshots are committed.
    SnapshotsCommitted = "snapshots-committed",
}

#[cfg(debug_assertions)]
pub(crate) use armed::pass;

/// Goes on.
#[cfg(not(debug_assertions))]
pub(crate) const fn pass(_: CrashPoint) {}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::CrashPoint;

    const VARIABLE: &str = "MAINTAINPRO_CRASH_AT";

    /// Where to die, and how often to pass before.
    static FATE: LazyLock<Option<(CrashPoint, AtomicU64)>> = LazyLock::new(|| {
        let text = std::env::var(VARIABLE).ok()?;
        let (point, pass) = parse(&text).unwrap_or_else(|| panic!("{VARIABLE}: there is no {text}"));
        Some((point, AtomicU64::new(pass)))
    });

    /// Dies here, if this is the place.
    pub(crate) fn pass(point: CrashPoint) {
        if let Some((fatal, left)) = &*FATE
            && *fatal == point
            && left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            // As with kill -9: no destructor runs, no buffer is flushed.
            std::process::abort();
        }
    }

    fn parse(text: &str) -> Option<(CrashPoint, u64)> {
        let (name, pass) = text.split_once(':').unwrap_or((text, "1"));
        let point = CrashPoint::ALL.iter().find(|point| point.name() == name)?;
        Some((*point, pass.parse().ok().filter(|pass| *pass > 0)?))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_point_is_named_with_the_pass_that_is_fatal() {
            assert_eq!(parse("after-commit"), Some((CrashPoint::AfterCommit, 1)));
            assert_eq!(parse("arrived:12"), Some((CrashPoint::Arrived, 12)));
            for nonsense in ["", "nowhere", "arrived:", "arrived:0", "arrived:-1"] {
                assert_eq!(parse(nonsense), None, "{nonsense}");
            }
        }
    }
}
