//! What commands about assets, locations, parts, storerooms and checklist templates must leave behind.

use shared_model::document::FieldValue;
use shared_model::features::{View, asset, checklist, location, part, storeroom};
use shared_model::identity::DocumentId;
use shared_model::units::Quantity;

use super::Scribe;

pub fn asset(scribe: &mut Scribe<'_>, command: &asset::Command) {
    use asset::Command as C;
    match command {
        C::Create(new) => {
            scribe.put_str(new.id, "tag", Some(&new.tag));
            scribe.put_str(new.id, "name", Some(&new.name));
            asset_place(scribe, new.id, [new.parent, new.site, new.location]);
            new.fields.iter().for_each(|edit| asset_field(scribe, new.id, edit));
        }
        C::Edit { id, edits } => edits.iter().for_each(|edit| asset_field(scribe, *id, edit)),
        C::Move { id, parent, site, location } => asset_place(scribe, *id, [*parent, *site, *location]),
    }
}

fn asset_place(scribe: &mut Scribe<'_>, id: DocumentId, place: [Option<DocumentId>; 3]) {
    for (field, value) in ["parent", "site", "location"].into_iter().zip(place) {
        scribe.put_id(id, field, value);
    }
}

fn asset_field(scribe: &mut Scribe<'_>, id: DocumentId, edit: &asset::FieldEdit) {
    use asset::FieldEdit as E;
    match edit {
        E::Tag(text) => scribe.put_str(id, "tag", Some(text)),
        E::Name(text) => scribe.put_str(id, "name", Some(text)),
        E::Description(edit) => {
            let before = match scribe.scene.before.get(&id) {
                Some(View::Asset(asset)) => asset.description.clone(),
                _ => String::new(),
            };
            scribe.text(id, "description", &before, &edit.text);
        }
        E::Type(text) => scribe.put_str(id, "type", text.as_deref()),
        E::Level(level) => scribe.put_str(id, "level", Some(level.code())),
        E::Serial(text) => scribe.put_str(id, "serial", text.as_deref()),
        E::Manufacturer(text) => scribe.put_str(id, "manufacturer", text.as_deref()),
        E::Model(text) => scribe.put_str(id, "model", text.as_deref()),
        E::Criticality(value) => scribe.put_str(id, "criticality", value.map(asset::Criticality::code)),
        E::Status(status) => scribe.put_str(id, "status", Some(status.code())),
        E::WarrantyUntil(at) => scribe.put_time(id, "warranty_until", *at),
        E::Installed(at) => scribe.put_time(id, "installed", *at),
        E::Position(position) => {
            scribe.put_int(id, "latitude", position.map(|point| point.latitude));
            scribe.put_int(id, "longitude", position.map(|point| point.longitude));
        }
        E::Code(text) => scribe.put_str(id, "code", text.as_deref()),
        E::External(text) => scribe.put_str(id, "external", text.as_deref()),
        E::Meter(meter) => {
            let path = format!("meters/{}", meter.key);
            if scribe.seen(id, &path).is_empty() {
                scribe.insert(id, &path);
            }
            scribe.put_str(id, &format!("{path}/name"), Some(&meter.name));
            scribe.put_str(id, &format!("{path}/unit"), Some(&meter.unit));
        }
        E::RemoveMeter(key) => scribe.remove(id, &format!("meters/{key}")),
        E::AddSpare(part) => scribe.add(id, "spares", part),
        E::RemoveSpare(part) => scribe.remove(id, &format!("spares/{part}")),
        E::Custom(key, value) => scribe.put_str(id, &format!("custom/{key}"), value.as_deref()),
    }
}

pub fn location(scribe: &mut Scribe<'_>, command: &location::Command) {
    use location::Command as C;
    match command {
        C::Create(new) => {
            scribe.put_str(new.id, "name", Some(&new.name));
            scribe.put_id(new.id, "parent", new.parent);
            scribe.put_id(new.id, "site", new.site);
            new.fields.iter().for_each(|edit| location_field(scribe, new.id, edit));
        }
        C::Edit { id, edits } => edits.iter().for_each(|edit| location_field(scribe, *id, edit)),
        C::Move { id, parent, site } => {
            scribe.put_id(*id, "parent", *parent);
            scribe.put_id(*id, "site", *site);
        }
    }
}

fn location_field(scribe: &mut Scribe<'_>, id: DocumentId, edit: &location::FieldEdit) {
    use location::FieldEdit as E;
    match edit {
        E::Name(text) => scribe.put_str(id, "name", Some(text)),
        E::Code(text) => scribe.put_str(id, "code", text.as_deref()),
        E::Address(text) => scribe.put_str(id, "address", text.as_deref()),
        E::TimeZone(text) => scribe.put_str(id, "time_zone", text.as_deref()),
        E::External(text) => scribe.put_str(id, "external", text.as_deref()),
        E::Custom(key, value) => scribe.put_str(id, &format!("custom/{key}"), value.as_deref()),
    }
}

pub fn part(scribe: &mut Scribe<'_>, command: &part::Command) {
    use part::Command as C;
    match command {
        C::Create(new) => {
            scribe.put_str(new.id, "number", Some(&new.number));
            scribe.put_str(new.id, "name", Some(&new.name));
            scribe.put_str(new.id, "unit", Some(&new.unit));
            new.fields.iter().for_each(|edit| part_field(scribe, new.id, edit));
        }
        C::Edit { id, edits } => edits.iter().for_each(|edit| part_field(scribe, *id, edit)),
    }
}

fn part_field(scribe: &mut Scribe<'_>, id: DocumentId, edit: &part::FieldEdit) {
    use part::FieldEdit as E;
    match edit {
        E::Number(text) => scribe.put_str(id, "number", Some(text)),
        E::Name(text) => scribe.put_str(id, "name", Some(text)),
        E::Description(edit) => {
            let before = match scribe.scene.before.get(&id) {
                Some(View::Part(part)) => part.description.clone(),
                _ => String::new(),
            };
            scribe.text(id, "description", &before, &edit.text);
        }
        E::Category(text) => scribe.put_str(id, "category", text.as_deref()),
        E::Unit(text) => scribe.put_str(id, "unit", Some(text)),
        E::Barcode(text) => scribe.put_str(id, "barcode", text.as_deref()),
        E::Manufacturer(text) => scribe.put_str(id, "manufacturer", text.as_deref()),
        E::External(text) => scribe.put_str(id, "external", text.as_deref()),
        E::Custom(key, value) => scribe.put_str(id, &format!("custom/{key}"), value.as_deref()),
    }
}

pub fn storeroom(scribe: &mut Scribe<'_>, command: &storeroom::Command) {
    use storeroom::Command as C;
    match command {
        C::Create(new) => {
            scribe.put_str(new.id, "name", Some(&new.name));
            scribe.put_id(new.id, "site", new.site);
            scribe.put_id(new.id, "location", new.location);
            new.fields.iter().for_each(|edit| storeroom_field(scribe, new.id, edit));
        }
        C::Edit { id, edits } => edits.iter().for_each(|edit| storeroom_field(scribe, *id, edit)),
    }
}

fn storeroom_field(scribe: &mut Scribe<'_>, id: DocumentId, edit: &storeroom::FieldEdit) {
    use storeroom::FieldEdit as E;
    match edit {
        E::Name(text) => scribe.put_str(id, "name", Some(text)),
        E::Code(text) => scribe.put_str(id, "code", text.as_deref()),
        E::Place(site, location) => {
            scribe.put_id(id, "site", *site);
            scribe.put_id(id, "location", *location);
        }
        E::Van(van) => scribe.put(id, "van", FieldValue::Bool(*van)),
        E::Keeper(person) => scribe.put_id(id, "keeper", *person),
        E::Rule(rule) => {
            let part = rule.part;
            scribe.put_str(id, &format!("bin/{part}"), rule.bin.as_deref());
            scribe.put_int(id, &format!("min/{part}"), rule.min.map(Quantity::thousandths));
            scribe.put_int(id, &format!("max/{part}"), rule.max.map(Quantity::thousandths));
            let reorder_point = rule.reorder_point.map(Quantity::thousandths);
            scribe.put_int(id, &format!("reorder_point/{part}"), reorder_point);
        }
    }
}

pub fn checklist(scribe: &mut Scribe<'_>, command: &checklist::Command) {
    use checklist::Command as C;
    match command {
        C::Create(new) => {
            scribe.put_str(new.id, "title", Some(&new.title));
            new.fields.iter().for_each(|edit| checklist_field(scribe, new.id, edit));
            if let Some(version) = &new.version {
                scribe.insert(new.id, &format!("versions/{}", version.key));
                if new.publish {
                    scribe.put_str(new.id, "published", Some(&version.key));
                }
            }
        }
        C::Edit { id, edits } => edits.iter().for_each(|edit| checklist_field(scribe, *id, edit)),
        C::SaveVersion { id, version } => scribe.insert(*id, &format!("versions/{}", version.key)),
        C::Publish { id, version } => {
            scribe.put_str(*id, "published", Some(version));
            if matches!(&scribe.scene.before[id], View::ChecklistTemplate(template) if template.retired) {
                scribe.put(*id, "retired", FieldValue::Bool(false));
            }
        }
        C::Retire { id } => scribe.put(*id, "retired", FieldValue::Bool(true)),
    }
}

fn checklist_field(scribe: &mut Scribe<'_>, id: DocumentId, edit: &checklist::FieldEdit) {
    use checklist::FieldEdit as E;
    match edit {
        E::Title(text) => scribe.put_str(id, "title", Some(text)),
        E::Description(text) => scribe.put_str(id, "description", text.as_deref()),
        E::Category(text) => scribe.put_str(id, "category", text.as_deref()),
        E::External(text) => scribe.put_str(id, "external", text.as_deref()),
    }
}
