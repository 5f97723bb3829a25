//! Networks that break between a device and its server, and heal.

use std::time::{Duration, Instant};

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;

use super::proxy::{Carriage, Strike, Weather};
use super::report::Row;
use super::servers::progress;
use super::stage::{Stage, a_while};

/// What can happen to a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Partition,
    OnlyDown,
    OnlyUp,
    Forgotten,
    Shut,
    Delay,
    Throttle,
    Reset,
    CutFrame,
    DropFrame,
}

impl Trouble {
    const ALL: [Self; 10] = [
        Self::Partition,
        Self::OnlyDown,
        Self::OnlyUp,
        Self::Forgotten,
        Self::Shut,
        Self::Delay,
        Self::Throttle,
        Self::Reset,
        Self::CutFrame,
        Self::DropFrame,
    ];

    /// A forgotten connection is only noticed by silence, which takes most of the bound; the others come more often.
    fn draw(rng: &mut SmallRng, round: usize) -> Self {
        if round % 15 == 3 {
            return Self::Forgotten;
        }
        let others: Vec<Self> = Self::ALL.into_iter().filter(|trouble| *trouble != Self::Forgotten).collect();
        others.choose(rng).copied().unwrap_or(Self::Partition)
    }

    /// How the network carries meanwhile.
    fn weather(self, rng: &mut SmallRng) -> Weather {
        let both = |carriage| Weather { up: carriage, down: carriage, is_shut: false };
        match self {
            Self::Partition => both(Carriage::Stalled),
            Self::OnlyDown => Weather { up: Carriage::Stalled, ..Weather::default() },
            Self::OnlyUp => Weather { down: Carriage::Stalled, ..Weather::default() },
            Self::Forgotten => both(Carriage::Forgotten),
            Self::Shut => Weather { is_shut: true, ..both(Carriage::Stalled) },
            Self::Delay => both(Carriage::Late(Duration::from_millis(rng.random_range(20..=400)))),
            Self::Throttle => both(Carriage::Dripping(rng.random_range(16..=256))),
            Self::Reset | Self::CutFrame | Self::DropFrame => Weather::default(),
        }
    }

    const fn strike(self) -> Option<Strike> {
        match self {
            Self::Reset | Self::Shut => Some(Strike::Reset),
            Self::CutFrame => Some(Strike::CutFrame),
            Self::DropFrame => Some(Strike::DropFrame),
            Self::Partition
            | Self::OnlyDown
            | Self::OnlyUp
            | Self::Forgotten
            | Self::Delay
            | Self::Throttle => None,
        }
    }
}

/// So many partitions and other troubles of some of the devices.
pub async fn partition(stage: &mut Stage, partitions: usize) -> anyhow::Result<Row> {
    let mut row = Row::new("network broken, and healed");
    for round in 0..partitions {
        stage.begin_round().await;
        let trouble = Trouble::draw(&mut stage.rng, round);
        stage
            .amid_work(async |_, crew, rng| {
                a_while(rng, 200).await;
                let one = rng.random_range(0..crew.members.len());
                let hit: Vec<bool> =
                    (0..crew.members.len()).map(|number| number == one || rng.random_bool(0.4)).collect();
                let weather = trouble.weather(rng);
                let members = crew.members.iter().zip(hit).filter(|(_, hit)| *hit);
                for (member, _) in members {
                    member.proxy.set(weather);
                    if let Some(strike) = trouble.strike() {
                        member.proxy.strike(strike);
                    }
                }
                a_while(rng, 1_500).await;
                crew.heal();
            })
            .await;
        row.times += 1;
        stage.end_round(Instant::now(), &mut row).await;
        progress(&row, partitions);
    }
    Ok(row)
}
