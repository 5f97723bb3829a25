//! How much of what could not be accepted is kept: the one rule for the table `quarantine`.
//!
//! A refused command stays on its device under *needs attention*, so dropping the oldest copies here loses no
//! work; keeping all of them would let one device fill the disk. Each device has a quota of its own, so that a
//! noisy one does not push out what others left for examination. What was accepted once and was given back upon another root is nowhere else any more, and
//! stays until somebody has looked at it.

use std::collections::HashMap;

use parking_lot::Mutex;
use shared_model::identity::OrganisationId;
use shared_model::ingest::REROOTED;
use sqlx::PgConnection;

/// What is kept of all commands of an organisation.
const OF_ORGANISATION: Quota = Quota { rows: 10_000, bytes: 256 * 1024 * 1024 };
/// What is kept of the commands of one device (and of the server itself).
const OF_DEVICE: Quota = Quota { rows: 1_000, bytes: 32 * 1024 * 1024 };
/// A node looks after so many additions of an organisation, and at its first one.
const SWEEP_EVERY: u32 = 50;

/// The newest that are kept.
#[derive(Clone, Copy, Debug)]
struct Quota {
    rows: i64,
    bytes: i64,
}

/// When a node has to look again.
#[derive(Debug, Default)]
pub(super) struct Sweeps {
    added: Mutex<HashMap<OrganisationId, u32>>,
}

impl Sweeps {
    /// Counts an addition; true when it is time to sweep.
    pub(super) fn is_due(&self, organisation: OrganisationId) -> bool {
        let mut added = self.added.lock();
        let count = added.entry(organisation).or_insert(0);
        let is_due = count.is_multiple_of(SWEEP_EVERY);
        *count = count.wrapping_add(1);
        is_due
    }
}

/// Drops the oldest copies beyond the quotas. Returns how many.
pub(super) async fn sweep(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<u64> {
    let swept = sqlx::query(
        "with ranked as (
             select quarantine_id,
                    row_number() over of_device as device_rows,
                    sum(octet_length(bytes) + octet_length(detail)) over of_device as device_bytes,
                    row_number() over of_organisation as all_rows,
                    sum(octet_length(bytes) + octet_length(detail)) over of_organisation as all_bytes
             from quarantine where organization_id = $1 and code <> $6
             window of_device as (partition by device_id order by received_at desc, quarantine_id desc
                                  rows unbounded preceding),
                    of_organisation as (order by received_at desc, quarantine_id desc
                                        rows unbounded preceding))
         delete from quarantine using ranked
         where quarantine.organization_id = $1 and quarantine.quarantine_id = ranked.quarantine_id
           and (device_rows > $2 or device_bytes > $3 or all_rows > $4 or all_bytes > $5)",
    )
    .bind(organisation.as_uuid())
    .bind(OF_DEVICE.rows)
    .bind(OF_DEVICE.bytes)
    .bind(OF_ORGANISATION.rows)
    .bind(OF_ORGANISATION.bytes)
    .bind(REROOTED)
    .execute(connection)
    .await?;
    Ok(swept.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_addition_and_every_fiftieth_sweeps() {
        let sweeps = Sweeps::default();
        let organisation = OrganisationId::from_bytes([1; 16]);
        let due: Vec<usize> = (0..101).filter(|_| sweeps.is_due(organisation)).collect();
        assert_eq!(due, [0, 50, 100]);
        assert!(sweeps.is_due(OrganisationId::from_bytes([2; 16])), "each organisation has its own count");
    }
}
