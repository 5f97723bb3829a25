//! The catalogue of parts, three storerooms and what lies in them.

use std::rc::Rc;

use shared_model::features::Command;
use shared_model::features::cost::{self, Price};
use shared_model::features::part::{self, NewPart};
use shared_model::features::stock_movement::{self, Movement};
use shared_model::features::storeroom::{self, NewStoreroom, StockRule};
use shared_model::identity::DocumentId;
use shared_model::instant::{DAY_MS, Timestamp};
use shared_model::units::{Currency, Money, Quantity};

use super::content::PARTS;
use super::machines::Area;
use super::{Crew, Deed, Dice, Phase};

/// How many parts the catalogue has.
const PART_COUNT: usize = 150;

/// A part as work orders use it.
pub struct StockPart {
    pub id: DocumentId,
    pub number: String,
    pub name: String,
    pub unit: String,
}

/// A storeroom and what lies in it.
pub struct Storeroom {
    pub id: DocumentId,
    pub kept: Vec<Rc<StockPart>>,
}

/// The storeroom of each site, and a van.
pub struct Stock {
    pub storerooms: Vec<Storeroom>,
}

/// Sets the catalogue and the storerooms up and fills them.
pub fn stock(crew: &Crew, areas: &[Area], now: Timestamp, dice: &mut Dice, deeds: &mut Vec<Deed>) -> Stock {
    let parts: Vec<Rc<StockPart>> =
        (0..PART_COUNT).map(|index| Rc::new(part(index, now, dice, deeds))).collect();
    let rooms = [
        ("Main store", "STO-L", 0, false),
        ("Warehouse store", "STO-H", 1, false),
        ("Van 7", "VAN-7", 0, true),
    ];
    let storerooms = rooms
        .iter()
        .map(|(name, code, site, van)| {
            let room = Room { name, code, site_id: crew.sites[*site], van: *van };
            let location = areas.iter().find(|area| area.site == *site).map(|area| area.id);
            storeroom(&room, location, &parts, now, dice, deeds)
        })
        .collect();
    Stock { storerooms }
}

fn part(index: usize, now: Timestamp, dice: &mut Dice, deeds: &mut Vec<Deed>) -> StockPart {
    let family = &PARTS[index % PARTS.len()];
    let variant = family.variants[(index / PARTS.len()) % family.variants.len()];
    let number = format!("{}-{:04}", family.prefix, 1000 + index);
    let part = StockPart {
        id: dice.document(),
        number: number.clone(),
        name: format!("{} {variant}", family.name),
        unit: family.unit.to_owned(),
    };
    let new = NewPart {
        id: part.id,
        number,
        name: part.name.clone(),
        unit: part.unit.clone(),
        fields: vec![
            part::FieldEdit::Category(Some(family.name.to_owned())),
            part::FieldEdit::Barcode(Some(format!("50{:011}", 10_000_000_000 + index))),
        ],
    };
    let at = now.plus_millis(-380 * DAY_MS);
    let price = Price {
        money: Money { minor: dice.between(family.price.0, family.price.1), currency: Currency::GBP },
        from: at,
    };
    let set_price = cost::Command::SetPrice { id: dice.record(at), part: part.id, price };
    let create = Command::Part(part::Command::Create(Box::new(new)));
    let deed = dice.server_deed(Phase::Plant, at, vec![create, Command::Cost(set_price)]);
    deeds.push(deed);
    part
}

struct Room<'a> {
    name: &'a str,
    code: &'a str,
    site_id: DocumentId,
    van: bool,
}

fn storeroom(
    room: &Room<'_>,
    location: Option<DocumentId>,
    parts: &[Rc<StockPart>],
    now: Timestamp,
    dice: &mut Dice,
    deeds: &mut Vec<Deed>,
) -> Storeroom {
    let id = dice.document();
    let at = now.plus_millis(-370 * DAY_MS);
    let kept: Vec<Rc<StockPart>> =
        parts.iter().filter(|_| dice.chance(if room.van { 20 } else { 75 })).cloned().collect();
    let mut fields =
        vec![storeroom::FieldEdit::Code(Some(room.code.to_owned())), storeroom::FieldEdit::Van(room.van)];
    let mut receipts = Vec::new();
    for (index, part) in kept.iter().enumerate() {
        let min = dice.between(1, 6);
        fields.push(storeroom::FieldEdit::Rule(StockRule {
            part: part.id,
            bin: Some(format!("{}-{:02}", char::from(b'A' + (index / 24) as u8), index % 24 + 1)),
            min: Some(Quantity::whole(min)),
            max: Some(Quantity::whole(min * 4)),
            reorder_point: Some(Quantity::whole(min + 1)),
        }));
        receipts.push(Command::StockMovement(stock_movement::Command::Receive(Movement {
            id: dice.record(at),
            storeroom: id,
            part: part.id,
            quantity: Quantity::whole(dice.between(min, min * 6)),
            work_order: None,
            note: None,
        })));
    }
    let new = NewStoreroom { id, name: room.name.to_owned(), site: Some(room.site_id), location, fields };
    let deed = dice.server_deed(
        Phase::Plant,
        at,
        vec![Command::Storeroom(storeroom::Command::Create(Box::new(new)))],
    );
    deeds.push(deed);
    deeds.extend(receipts.chunks(50).map(|chunk| dice.server_deed(Phase::Plant, at, chunk.to_vec())));
    Storeroom { id, kept }
}
