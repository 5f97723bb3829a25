//! What an hour of work costs at the sites of the demonstration.

use shared_model::features::Command;
use shared_model::features::cost::{self, Rate};
use shared_model::identity::PersonId;
use shared_model::instant::{DAY_MS, Timestamp};
use shared_model::permission::Role;
use shared_model::units::{Currency, Money};

use super::dice::Dice;
use super::{Crew, Deed, Phase};

/// Everybody's hour, in pence, with how many days ago it began.
const STANDARD: [(i64, i64); 2] = [(380, 4_200), (120, 4_450)];

/// A rate for everybody at each site, raised once, and one of their own for those from outside.
pub fn rates(crew: &Crew, now: Timestamp, dice: &mut Dice, deeds: &mut Vec<Deed>) {
    for (index, site) in crew.sites.iter().enumerate() {
        let standard = STANDARD.map(|(days, minor)| rate(None, minor, now.plus_millis(-days * DAY_MS)));
        let outside = crew.with_role(Role::Contractor, index).into_iter();
        let outside = outside
            .map(|person| rate(Some(person), dice.between(6_500, 8_500), now.plus_millis(-380 * DAY_MS)))
            .collect::<Vec<_>>();
        for rate in standard.into_iter().chain(outside) {
            let set = cost::Command::SetRate { id: dice.record(rate.from), site: *site, rate };
            let deed = dice.server_deed(Phase::Plant, rate.from, vec![Command::Cost(set)]);
            deeds.push(deed);
        }
    }
}

const fn rate(person: Option<PersonId>, minor: i64, from: Timestamp) -> Rate {
    Rate { person, money: Money { minor, currency: Currency::GBP }, from }
}
