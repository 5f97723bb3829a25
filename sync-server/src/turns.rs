//! Of what all organisations of a node share (connections, processors, memory for packs) each takes so much at once and
//! no more. However many devices of one organisation come at once, they queue among themselves, and whoever belongs to
//! another finds something free, or few before them.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use shared_model::identity::OrganisationId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Organisations whose turns are all free are forgotten when there are so many.
const FORGET_ABOVE: usize = 1_000;

/// The turns of every organisation.
#[derive(Debug)]
pub struct Turns {
    each: usize,
    organisations: Mutex<HashMap<OrganisationId, Arc<Semaphore>>>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub struct Turn(
    #[expect(dead_code, reason = "it is held, and given back when it is dropped")]
    Option<OwnedSemaphorePermit>,
);

impl Turns {
    /// So many at once for each organisation, and at least one.
    pub fn new(each: usize) -> Self {
        Self { each: each.max(1), organisations: Mutex::default() }
    }

    /// Waits for a turn, behind the others of the same organisation.
    pub async fn take(&self, organisation: OrganisationId) -> Turn {
        let own = self.own(organisation);
        // The semaphore is never closed.
        Turn(own.acquire_owned().await.ok())
    }

    fn own(&self, organisation: OrganisationId) -> Arc<Semaphore> {
        let mut organisations = self.organisations.lock();
        if organisations.len() > FORGET_ABOVE {
            // Whoever holds a turn or waits for one holds on to this as well.
            organisations.retain(|_, own| Arc::strong_count(own) > 1);
        }
        let own = organisations.entry(organisation).or_insert_with(|| Arc::new(Semaphore::new(self.each)));
        Arc::clone(own)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const LOUD: OrganisationId = OrganisationId::from_bytes([1; 16]);
    const QUIET: OrganisationId = OrganisationId::from_bytes([2; 16]);

    #[tokio::test]
    async fn each_waits_for_its_own_only_and_in_order() {
        let turns = Turns::new(2);
        let first = turns.take(LOUD).await;
        let second = turns.take(LOUD).await;
        let mut third = Box::pin(turns.take(LOUD));
        let mut fourth = Box::pin(turns.take(LOUD));
        assert!((&mut third).now_or_never().is_none() && (&mut fourth).now_or_never().is_none());
        assert!(turns.take(QUIET).now_or_never().is_some(), "nobody else is before it");
        drop(first);
        assert!((&mut fourth).now_or_never().is_none(), "the third came before");
        let third = third.await;
        drop((second, third));
        fourth.await;
    }

    #[tokio::test]
    async fn whoever_gives_up_waiting_holds_nobody_up() {
        let turns = Turns::new(1);
        let first = turns.take(LOUD).await;
        let mut second = Box::pin(turns.take(LOUD));
        assert!((&mut second).now_or_never().is_none());
        drop(second);
        drop(first);
        assert!(turns.take(LOUD).now_or_never().is_some());
    }

    #[tokio::test]
    async fn those_with_nothing_under_way_are_forgotten() {
        let turns = Turns::new(1);
        let held = turns.take(LOUD).await;
        for number in 0..u32::try_from(FORGET_ABOVE).unwrap() {
            let mut id = [7; 16];
            id[..4].copy_from_slice(&number.to_le_bytes());
            turns.take(OrganisationId::from_bytes(id)).await;
        }
        turns.take(QUIET).await;
        assert_eq!(turns.organisations.lock().len(), 2);
        assert!(turns.take(LOUD).now_or_never().is_none(), "its turn is still taken");
        drop(held);
    }
}
