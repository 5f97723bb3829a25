//! The histories of a trail: a backup that is restored ends one and begins another, and an entry says so. A head of a history that
//! ended still says what was before that; one of a history that nothing tells of says that somebody rewrote it.

use shared_model::audit::{Action, Entry, Log, Said, TreeHead};
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

/// One that ended.
struct Ended {
    epoch: Uuid,
    /// What took its place.
    fresh: Uuid,
    /// How many entries and rows of the feed there were.
    entries: u64,
    feed: u64,
}

/// All of a trail.
pub(super) struct Histories {
    present: Uuid,
    ended: Vec<Ended>,
}

/// What a head says of a trail that has come to another history; of several, the worst counts, which comes last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bearing {
    /// It is over what is still here.
    Holds,
    /// It is over more than the backup had that was restored.
    Beyond,
    /// Nothing tells of its history.
    Unknown,
}

impl Histories {
    /// Reads them. That none of these entries was tampered with is for whoever walks through all.
    pub(super) async fn read(
        connection: &mut PgConnection,
        organisation: OrganisationId,
        present: Uuid,
    ) -> sqlx::Result<Self> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "select seq, content from audit_entry where organization_id = $1 and action = $2 order by seq",
        )
        .bind(organisation.as_uuid())
        .bind(Action::HistoryBegun.code())
        .fetch_all(connection)
        .await?;
        let ended = rows.into_iter().filter_map(|(seq, content)| ended(seq.unsigned_abs(), &content));
        Ok(Self { present, ended: ended.collect() })
    }

    /// Is the feed in the history that the trail says?
    pub(super) fn is_told(&self) -> bool {
        self.ended.last().is_none_or(|last| last.fresh == self.present)
    }

    /// What this head says of a log.
    pub(super) fn bearing(&self, head: &TreeHead, log: Log) -> Bearing {
        if head.epoch == self.present {
            return Bearing::Holds;
        }
        let Some(ended) = self.ended.iter().rev().find(|ended| ended.epoch == head.epoch) else {
            return Bearing::Unknown;
        };
        let reach = match log {
            Log::Entries => ended.entries,
            Log::Feed => ended.feed,
        };
        if head.log(log).size <= reach { Bearing::Holds } else { Bearing::Beyond }
    }
}

fn ended(seq: u64, content: &str) -> Option<Ended> {
    let entry = Entry::read(content)?;
    let said = |field: &str| entry.changes.iter().find(|change| change.field == field);
    let uuid = |said: &Option<Said>| match said {
        Some(Said::Text(text)) => text.parse().ok(),
        _ => None,
    };
    let Some(Said::Number(feed)) = said("feed")?.before else { return None };
    let epochs = said("epoch")?;
    Some(Ended { epoch: uuid(&epochs.before)?, fresh: uuid(&epochs.after)?, entries: seq - 1, feed })
}
