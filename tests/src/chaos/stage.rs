//! A site with a crew, and the way of every round: people work, something breaks, it heals, everything is compared.

use std::path::Path;
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shared_model::identity::OrganisationId;
use tokio_util::sync::CancellationToken;

use super::checks;
use super::crew::Crew;
use super::report::Row;
use super::site::Site;
use crate::process::DataFolder;

/// Devices of a crew.
const DEVICES: usize = 4;
/// After so many rounds a new organisation begins, so that comparing everything stays quick.
const ROUNDS: usize = 12;

/// Where faults happen.
pub struct Stage {
    /// Servers and database.
    pub site: Site,
    /// People.
    pub crew: Crew,
    /// Chance, by the seed.
    pub rng: SmallRng,
    organisation: OrganisationId,
    bound: Duration,
    founded: usize,
    rounds: usize,
    /// Commands of the present crew that were acknowledged before this round.
    acknowledged: usize,
}

impl Stage {
    /// Opens a stage with so many nodes. Whatever breaks there has to be well again within the bound.
    pub async fn open(
        program: &Path,
        data: DataFolder,
        nodes: usize,
        seed: u64,
        bound: Duration,
    ) -> anyhow::Result<Self> {
        let site = Site::open(program, data, nodes).await?;
        let (organisation, crew) = hire(&site, 0).await;
        let rng = SmallRng::seed_from_u64(seed);
        Ok(Self { site, crew, rng, organisation, bound, founded: 1, rounds: 0, acknowledged: 0 })
    }

    /// Before a round: some devices are switched off and on, now and then everybody is new.
    pub async fn begin_round(&mut self) {
        self.rounds += 1;
        if self.rounds > ROUNDS {
            self.begin_anew().await;
        }
        for number in 0..self.crew.members.len() {
            if self.rng.random_bool(0.5) {
                self.crew.power_cycle(number).await;
            }
        }
    }

    async fn begin_anew(&mut self) {
        (self.organisation, self.crew) = hire(&self.site, self.founded).await;
        self.founded += 1;
        (self.rounds, self.acknowledged) = (1, 0);
    }

    /// Lets something break while everybody works. Returns what the fault says.
    pub async fn amid_work<T>(&mut self, fault: impl AsyncFnOnce(&mut Site, &Crew, &mut SmallRng) -> T) -> T {
        let (over, mut load) = (CancellationToken::new(), SmallRng::seed_from_u64(self.rng.random()));
        let (site, crew, rng) = (&mut self.site, &self.crew, &mut self.rng);
        let (said, ()) = tokio::join!(
            async {
                let said = fault(site, crew, rng).await;
                over.cancel();
                said
            },
            crew.work(&mut load, &over),
        );
        said
    }

    /// After a round: everything comes to rest in time and is as it should be, or the row says what is not. Returns
    /// how long the last device took.
    pub async fn end_round(&mut self, healed: Instant, row: &mut Row) -> Duration {
        let findings =
            checks::check(&mut self.crew, &self.site.pool, self.organisation, healed, self.bound).await;
        let (is_fine, recovery) = (findings.is_fine(), findings.recovery);
        let acknowledged = findings.acknowledged;
        row.add(findings, self.acknowledged);
        self.acknowledged = acknowledged;
        if !is_fine {
            self.begin_anew().await;
        }
        recovery
    }

    /// Ends everything.
    pub async fn close(self) {
        drop(self.crew);
        self.site.close().await;
    }
}

async fn hire(site: &Site, number: usize) -> (OrganisationId, Crew) {
    let slug = format!("crew{number}");
    let (organisation, emails) = site.found(&slug, DEVICES).await;
    (organisation, Crew::hire(&slug, &emails, &site.addresses()).await)
}

/// A while of at most so many milliseconds.
pub async fn a_while(rng: &mut SmallRng, most_ms: u64) {
    tokio::time::sleep(Duration::from_millis(rng.random_range(0..=most_ms))).await;
}
