//! Sites, areas and the asset tree.

use shared_model::features::asset::{self, AssetStatus, Criticality, Level, Meter, NewAsset};
use shared_model::features::location::{self, NewLocation};
use shared_model::features::work_order::AssetLink;
use shared_model::features::{Command, meter_reading};
use shared_model::identity::DocumentId;
use shared_model::instant::{DAY_MS, Timestamp};
use shared_model::units::Quantity;

use super::content::{AREAS, EQUIPMENT, SITES, WAREHOUSE_FROM};
use super::{Crew, Deed, Dice, Phase};

/// How many assets the demo has.
const ASSETS: usize = 200;

/// A room or line of a site.
pub struct Area {
    pub site: usize,
    pub site_id: DocumentId,
    pub id: DocumentId,
}

/// A machine work is done on.
pub struct Machine {
    pub link: AssetLink,
    pub equipment: usize,
    pub site: usize,
    pub site_id: DocumentId,
    pub location: DocumentId,
}

/// The sites and their areas.
pub fn places(crew: &Crew, now: Timestamp, dice: &mut Dice) -> (Vec<Area>, Vec<Deed>) {
    let at = now.plus_millis(-500 * DAY_MS);
    let mut areas = Vec::new();
    let mut commands = Vec::new();
    for (site, (code, name, address, zone)) in SITES.iter().enumerate() {
        let site_id = crew.sites[site];
        commands.push(create_location(NewLocation {
            id: site_id,
            name: (*name).to_owned(),
            parent: None,
            site: None,
            fields: vec![
                location::FieldEdit::Code(Some((*code).to_owned())),
                location::FieldEdit::Address(Some((*address).to_owned())),
                location::FieldEdit::TimeZone(Some((*zone).to_owned())),
            ],
        }));
        for (code, name) in AREAS[site] {
            let id = dice.document();
            areas.push(Area { site, site_id, id });
            commands.push(create_location(NewLocation {
                id,
                name: (*name).to_owned(),
                parent: Some(site_id),
                site: Some(site_id),
                fields: vec![location::FieldEdit::Code(Some((*code).to_owned()))],
            }));
        }
    }
    let deeds =
        commands.into_iter().map(|command| dice.server_deed(Phase::Plant, at, vec![command])).collect();
    (areas, deeds)
}

fn create_location(new: NewLocation) -> Command {
    Command::Location(location::Command::Create(Box::new(new)))
}

/// The machines with their components, until there are enough assets.
pub fn machines(areas: &[Area], now: Timestamp, dice: &mut Dice, deeds: &mut Vec<Deed>) -> Vec<Machine> {
    let mut machines = Vec::new();
    let mut made = 0;
    let mut number = 0;
    while made < ASSETS {
        number += 1;
        let equipment = number % EQUIPMENT.len();
        let site = usize::from(equipment >= WAREHOUSE_FROM);
        let here: Vec<&Area> = areas.iter().filter(|area| area.site == site).collect();
        let area = dice.pick(&here);
        let machine = machine(equipment, number, area, now, dice, deeds);
        made += 1;
        for (suffix, name) in EQUIPMENT[equipment].components.iter().take(ASSETS - made) {
            component(&machine, suffix, name, now, dice, deeds);
            made += 1;
        }
        machines.push(machine);
    }
    machines
}

fn machine(
    equipment: usize,
    number: usize,
    area: &Area,
    now: Timestamp,
    dice: &mut Dice,
    deeds: &mut Vec<Deed>,
) -> Machine {
    let kind = &EQUIPMENT[equipment];
    let id = dice.document();
    let tag = format!("{}-{:03}", kind.prefix, 100 + number);
    let (maker, model) = *dice.pick(kind.makers);
    let age_days = dice.between(200, 4_000);
    let mut fields = vec![
        asset::FieldEdit::Type(Some(kind.class.to_owned())),
        asset::FieldEdit::Level(Level::EquipmentUnit),
        asset::FieldEdit::Manufacturer(Some(maker.to_owned())),
        asset::FieldEdit::Model(Some(model.to_owned())),
        asset::FieldEdit::Serial(Some(format!("{}-{:06}", kind.prefix, dice.between(1, 999_999)))),
        asset::FieldEdit::Criticality(Some(*dice.pick(&[
            Criticality::A,
            Criticality::B,
            Criticality::B,
            Criticality::C,
        ]))),
        asset::FieldEdit::Status(status(dice)),
        asset::FieldEdit::Installed(Some(now.plus_millis(-age_days * DAY_MS))),
        asset::FieldEdit::WarrantyUntil(Some(now.plus_millis((730 - age_days) * DAY_MS))),
        asset::FieldEdit::Code(Some(format!("MP-{tag}"))),
    ];
    if let Some((name, unit)) = kind.meter {
        fields.push(asset::FieldEdit::Meter(Meter {
            key: "m0".to_owned(),
            name: name.to_owned(),
            unit: unit.to_owned(),
        }));
    }
    let name = format!("{} {}", kind.name, number);
    let new = NewAsset {
        id,
        tag: tag.clone(),
        name: name.clone(),
        parent: None,
        site: Some(area.site_id),
        location: Some(area.id),
        fields,
    };
    let mut commands = vec![Command::Asset(asset::Command::Create(Box::new(new)))];
    if let Some((_, unit)) = kind.meter {
        let reading = meter_reading::MeterReading {
            meter: "m0".to_owned(),
            value: Quantity::whole(dice.between(200, 24_000)),
            work_order: None,
            unit: unit.to_owned(),
        };
        let record = dice.record(now.plus_millis(-3 * DAY_MS));
        commands.push(Command::MeterReading(meter_reading::Command::Add { id: record, asset: id, reading }));
    }
    let deed = dice.server_deed(Phase::Plant, now.plus_millis(-400 * DAY_MS), commands);
    deeds.push(deed);
    Machine {
        link: AssetLink { id, tag, name },
        equipment,
        site: area.site,
        site_id: area.site_id,
        location: area.id,
    }
}

fn status(dice: &mut Dice) -> AssetStatus {
    match dice.between(1, 100) {
        1..=4 => AssetStatus::Down,
        5..=9 => AssetStatus::UnderMaintenance,
        10..=18 => AssetStatus::Standby,
        _ => AssetStatus::Operating,
    }
}

fn component(
    machine: &Machine,
    suffix: &str,
    name: &str,
    now: Timestamp,
    dice: &mut Dice,
    deeds: &mut Vec<Deed>,
) {
    let new = NewAsset {
        id: dice.document(),
        tag: format!("{}-{suffix}", machine.link.tag),
        name: name.to_owned(),
        parent: Some(machine.link.id),
        site: Some(machine.site_id),
        location: Some(machine.location),
        fields: vec![
            asset::FieldEdit::Level(Level::Component),
            asset::FieldEdit::Status(AssetStatus::Operating),
        ],
    };
    let command = Command::Asset(asset::Command::Create(Box::new(new)));
    let deed = dice.server_deed(Phase::Plant, now.plus_millis(-399 * DAY_MS), vec![command]);
    deeds.push(deed);
}
