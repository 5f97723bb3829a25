//! Commands about assets, locations, parts, storerooms and checklist templates.

use shared_model::document::DocumentKind;
use shared_model::features::asset::{AssetStatus, Criticality, Level, Meter, NewAsset, Position};
use shared_model::features::checklist::{NewTemplate, NewVersion};
use shared_model::features::location::NewLocation;
use shared_model::features::part::NewPart;
use shared_model::features::storeroom::{NewStoreroom, StockRule};
use shared_model::features::{Command as Any, View, asset, checklist, location, part, storeroom};

use super::Draw;
use super::work_order::steps;

fn text(draw: &mut Draw<'_>) -> Option<String> {
    let word = draw.word();
    draw.maybe(word)
}

pub fn create_asset(draw: &mut Draw<'_>) -> Option<Any> {
    let new = NewAsset {
        id: draw.document(),
        tag: draw.word(),
        name: draw.word(),
        parent: draw.any(DocumentKind::Asset),
        site: draw.any(DocumentKind::Location),
        location: None,
        fields: vec![meter(draw), asset::FieldEdit::Level(draw.one_of(Level::ALL))],
    };
    Some(Any::Asset(asset::Command::Create(Box::new(new))))
}

fn meter(draw: &mut Draw<'_>) -> asset::FieldEdit {
    asset::FieldEdit::Meter(Meter { key: draw.key(), name: draw.word(), unit: "h".to_owned() })
}

pub fn edit_asset(draw: &mut Draw<'_>) -> Option<Any> {
    use asset::FieldEdit as E;
    let id = draw.any(DocumentKind::Asset)?;
    let View::Asset(read) = draw.view(id) else { return None };
    let edit = match draw.below(20) {
        0 => E::Tag(draw.word()),
        1 => E::Name(draw.word()),
        2 | 3 => E::Description(draw.reworded(&read.description)),
        4 => E::Type(text(draw)),
        5 => E::Level(draw.one_of(Level::ALL)),
        6 => E::Serial(text(draw)),
        7 => E::Manufacturer(text(draw)),
        8 => E::Model(text(draw)),
        9 => {
            let criticality = draw.one_of(Criticality::ALL);
            E::Criticality(draw.maybe(criticality))
        }
        10 => E::Status(draw.one_of(AssetStatus::ALL)),
        11 => E::WarrantyUntil(Some(draw.time())),
        12 => E::Installed(Some(draw.time())),
        13 => E::Position(draw.maybe(Position { latitude: -31_950_000, longitude: 115_860_000 })),
        14 => E::Code(text(draw)),
        15 => E::External(text(draw)),
        16 if draw.below(2) == 0 => meter(draw),
        16 => E::Meter(Meter { name: draw.word(), ..draw.pick(&read.meters)? }),
        17 => E::RemoveMeter(draw.pick(&read.meters)?.key),
        18 if draw.below(2) == 0 => E::AddSpare(draw.any(DocumentKind::Part)?),
        18 => E::RemoveSpare(draw.any(DocumentKind::Part)?),
        _ => E::Custom(draw.name(), text(draw)),
    };
    Some(Any::Asset(asset::Command::Edit { id, edits: vec![edit] }))
}

pub fn move_asset(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::Asset)?;
    Some(Any::Asset(asset::Command::Move {
        id,
        parent: draw.any(DocumentKind::Asset).filter(|parent| *parent != id),
        site: draw.any(DocumentKind::Location),
        location: draw.any(DocumentKind::Location),
    }))
}

pub fn create_location(draw: &mut Draw<'_>) -> Option<Any> {
    let (id, name, parent) = (draw.document(), draw.word(), draw.any(DocumentKind::Location));
    let fields = vec![location::FieldEdit::TimeZone(Some("Australia/Perth".to_owned()))];
    Some(Any::Location(location::Command::Create(Box::new(NewLocation {
        id,
        name,
        parent,
        site: parent,
        fields,
    }))))
}

pub fn edit_location(draw: &mut Draw<'_>) -> Option<Any> {
    use location::FieldEdit as E;
    let id = draw.any(DocumentKind::Location)?;
    let edit = match draw.below(6) {
        0 => E::Name(draw.word()),
        1 => E::Code(text(draw)),
        2 => E::Address(text(draw)),
        3 => E::TimeZone(text(draw)),
        4 => E::External(text(draw)),
        _ => E::Custom(draw.name(), text(draw)),
    };
    Some(Any::Location(location::Command::Edit { id, edits: vec![edit] }))
}

pub fn move_location(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::Location)?;
    let parent = draw.any(DocumentKind::Location).filter(|parent| *parent != id);
    Some(Any::Location(location::Command::Move { id, parent, site: parent }))
}

pub fn create_part(draw: &mut Draw<'_>) -> Option<Any> {
    let fields = vec![part::FieldEdit::Description(draw.reworded(""))];
    let new = NewPart {
        id: draw.document(),
        number: draw.word(),
        name: draw.word(),
        unit: "pcs".to_owned(),
        fields,
    };
    Some(Any::Part(part::Command::Create(Box::new(new))))
}

pub fn edit_part(draw: &mut Draw<'_>) -> Option<Any> {
    use part::FieldEdit as E;
    let id = draw.any(DocumentKind::Part)?;
    let View::Part(read) = draw.view(id) else { return None };
    let edit = match draw.below(9) {
        0 => E::Number(draw.word()),
        1 => E::Name(draw.word()),
        2 => E::Description(draw.reworded(&read.description)),
        3 => E::Category(text(draw)),
        4 => E::Unit(draw.name()),
        5 => E::Barcode(text(draw)),
        6 => E::Manufacturer(text(draw)),
        7 => E::External(text(draw)),
        _ => E::Custom(draw.name(), text(draw)),
    };
    Some(Any::Part(part::Command::Edit { id, edits: vec![edit] }))
}

pub fn create_storeroom(draw: &mut Draw<'_>) -> Option<Any> {
    let (id, name, site) = (draw.document(), draw.word(), draw.any(DocumentKind::Location));
    let fields = vec![storeroom::FieldEdit::Van(draw.below(2) == 0)];
    let new = NewStoreroom { id, name, site, location: None, fields };
    Some(Any::Storeroom(storeroom::Command::Create(Box::new(new))))
}

pub fn edit_storeroom(draw: &mut Draw<'_>) -> Option<Any> {
    use storeroom::FieldEdit as E;
    let id = draw.any(DocumentKind::Storeroom)?;
    let edit = match draw.below(8) {
        0 => E::Name(draw.word()),
        1 => E::Code(text(draw)),
        2 => E::Place(draw.any(DocumentKind::Location), None),
        3 => E::Van(draw.below(2) == 0),
        4 => E::Keeper(Some(draw.person())),
        _ => {
            let (part, bin, quantity) = (draw.any(DocumentKind::Part)?, text(draw), draw.quantity());
            let (min, reorder_point) = (draw.maybe(quantity), draw.maybe(quantity));
            E::Rule(StockRule { part, bin, min, max: draw.maybe(quantity), reorder_point })
        }
    };
    Some(Any::Storeroom(storeroom::Command::Edit { id, edits: vec![edit] }))
}

fn version(draw: &mut Draw<'_>) -> NewVersion {
    NewVersion { key: draw.key(), steps: steps() }
}

pub fn create_checklist(draw: &mut Draw<'_>) -> Option<Any> {
    let (id, title) = (draw.document(), draw.word());
    let version = Some(version(draw));
    let new = NewTemplate { id, title, fields: vec![], version, publish: draw.below(2) == 0 };
    Some(Any::Checklist(checklist::Command::Create(Box::new(new))))
}

pub fn edit_checklist(draw: &mut Draw<'_>) -> Option<Any> {
    use checklist::FieldEdit as E;
    let id = draw.any(DocumentKind::ChecklistTemplate)?;
    let edit = match draw.below(4) {
        0 => E::Title(draw.word()),
        1 => E::Description(text(draw)),
        2 => E::Category(text(draw)),
        _ => E::External(text(draw)),
    };
    Some(Any::Checklist(checklist::Command::Edit { id, edits: vec![edit] }))
}

pub fn save_version(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::ChecklistTemplate)?;
    Some(Any::Checklist(checklist::Command::SaveVersion { id, version: version(draw) }))
}

pub fn publish(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::ChecklistTemplate)?;
    let View::ChecklistTemplate(template) = draw.view(id) else { return None };
    let version = draw.pick(&template.versions)?.key;
    Some(Any::Checklist(checklist::Command::Publish { id, version }))
}

pub fn retire(draw: &mut Draw<'_>) -> Option<Any> {
    Some(Any::Checklist(checklist::Command::Retire { id: draw.any(DocumentKind::ChecklistTemplate)? }))
}
