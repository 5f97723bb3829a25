//! What people do with assets: they write them down, change them and move them in the tree.

use serde::{Deserialize, Serialize};

use super::document::{Meter, Position};
use super::rules::{check_meter, check_place, check_position};
use super::{AssetStatus, Criticality, Level};
use crate::document::item::map;
use crate::document::{DocumentKind, Edit, TextEdit};
use crate::features::names::Names;
use crate::identity::DocumentId;
use crate::input::{MAX_TEXT_CHARS, check_chars, check_key, check_present};
use crate::instant::Timestamp;
use crate::workspace::{Refusal, Touch, Workspace};

/// A new asset: its place in the tree, and everything else as edits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewAsset {
    /// Its id.
    pub id: DocumentId,
    /// What people call it by.
    pub tag: String,
    /// What it is.
    pub name: String,
    /// The asset it is a part of.
    #[serde(default)]
    pub parent: Option<DocumentId>,
    /// The site.
    #[serde(default)]
    pub site: Option<DocumentId>,
    /// The location.
    #[serde(default)]
    pub location: Option<DocumentId>,
    /// Further fields.
    #[serde(default)]
    pub fields: Vec<FieldEdit>,
}

/// A field of an asset and its new value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldEdit {
    /// What people call it by.
    Tag(String),
    /// What it is.
    Name(String),
    /// More about it.
    Description(TextEdit),
    /// Its type.
    Type(Option<String>),
    /// Where in the tree it belongs.
    Level(Level),
    /// Serial number.
    Serial(Option<String>),
    /// Who made it.
    Manufacturer(Option<String>),
    /// Which model it is.
    Model(Option<String>),
    /// How much depends on it.
    Criticality(Option<Criticality>),
    /// How it does.
    Status(AssetStatus),
    /// When its warranty ends.
    WarrantyUntil(Option<Timestamp>),
    /// When it was installed.
    Installed(Option<Timestamp>),
    /// Where on earth it is.
    Position(Option<Position>),
    /// What its QR or bar code says.
    Code(Option<String>),
    /// Its identity in another system.
    External(Option<String>),
    /// A new meter under a fresh key, or another name and unit for one that is there.
    Meter(Meter),
    /// One meter less; its readings stay.
    RemoveMeter(String),
    /// One more part it takes.
    AddSpare(DocumentId),
    /// One part less.
    RemoveSpare(DocumentId),
    /// A custom field.
    Custom(String, Option<String>),
}

/// A command about an asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Write down a new asset.
    Create(Box<NewAsset>),
    /// Change fields.
    Edit {
        /// The asset.
        id: DocumentId,
        /// New values.
        edits: Vec<FieldEdit>,
    },
    /// Move it to another place in the tree and on the ground.
    Move {
        /// The asset.
        id: DocumentId,
        /// The asset it is now a part of.
        #[serde(default)]
        parent: Option<DocumentId>,
        /// The site.
        #[serde(default)]
        site: Option<DocumentId>,
        /// The location.
        #[serde(default)]
        location: Option<DocumentId>,
    },
}

crate::tagged!(Command, "do");

impl FieldEdit {
    /// The long text it writes, with the field it stands in.
    pub const fn text(&mut self) -> Option<(&'static str, &mut TextEdit)> {
        match self {
            Self::Description(edit) => Some(("description", edit)),
            _ => None,
        }
    }
}

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        let id = match self {
            Self::Create(new) => new.id,
            Self::Edit { id, .. } | Self::Move { id, .. } => *id,
        };
        vec![Touch { document: id, kind: DocumentKind::Asset }]
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        match self {
            Self::Create(new) => {
                names.begin(new.id);
                names.refer("parent", DocumentKind::Asset, new.parent);
                names.place(new.site, new.location);
                names.refer("spares", DocumentKind::Part, new.fields.iter().filter_map(spare));
            }
            Self::Edit { edits, .. } => {
                names.refer("spares", DocumentKind::Part, edits.iter().filter_map(spare));
            }
            Self::Move { parent, site, location, .. } => {
                names.refer("parent", DocumentKind::Asset, *parent);
                names.place(*site, *location);
            }
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Create(new) => create(workspace, new),
            Self::Edit { id, edits } => {
                workspace.aggregate_of(*id, DocumentKind::Asset)?;
                edits.iter().try_for_each(check)?;
                workspace.edit(*id, |door| edits.iter().try_for_each(|edit| write(door, edit)))
            }
            Self::Move { id, parent, site, location } => {
                workspace.aggregate_of(*id, DocumentKind::Asset)?;
                check_place(*id, *parent)?;
                workspace.edit(*id, |door| place(door, *parent, *site, *location))
            }
        }
    }
}

fn create(workspace: &mut Workspace, new: &NewAsset) -> Result<(), Refusal> {
    check_present("tag", &new.tag)?;
    check_present("name", &new.name)?;
    check_place(new.id, new.parent)?;
    new.fields.iter().try_for_each(check)?;
    workspace.create(new.id, DocumentKind::Asset)?;
    workspace.edit(new.id, |door| {
        write(door, &FieldEdit::Tag(new.tag.clone()))?;
        write(door, &FieldEdit::Name(new.name.clone()))?;
        place(door, new.parent, new.site, new.location)?;
        new.fields.iter().try_for_each(|edit| write(door, edit))
    })
}

const fn spare(edit: &FieldEdit) -> Option<DocumentId> {
    match edit {
        FieldEdit::AddSpare(part) => Some(*part),
        _ => None,
    }
}

fn place(
    door: &mut Edit,
    parent: Option<DocumentId>,
    site: Option<DocumentId>,
    location: Option<DocumentId>,
) -> Result<(), Refusal> {
    door.put_id(&["parent"], parent)?;
    door.put_id(&["site"], site)?;
    Ok(door.put_id(&["location"], location)?)
}

fn check(edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Tag(tag) => check_present("tag", tag),
        FieldEdit::Name(name) => check_present("name", name),
        FieldEdit::Description(edit) => check_chars("description", &edit.text, MAX_TEXT_CHARS),
        FieldEdit::Meter(meter) => check_meter(meter),
        FieldEdit::Custom(key, _) => check_key("custom", key),
        FieldEdit::Position(Some(position)) => check_position(*position),
        _ => Ok(()),
    }
}

fn write(door: &mut Edit, edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Tag(tag) => door.put_str(&["tag"], Some(tag.trim()))?,
        FieldEdit::Name(name) => door.put_str(&["name"], Some(name.trim()))?,
        FieldEdit::Description(edit) => door.edit_text(&["description"], edit)?,
        FieldEdit::Type(text) => door.put_str(&["type"], text.as_deref())?,
        FieldEdit::Level(level) => door.put_str(&["level"], Some(level.code()))?,
        FieldEdit::Serial(text) => door.put_str(&["serial"], text.as_deref())?,
        FieldEdit::Manufacturer(text) => door.put_str(&["manufacturer"], text.as_deref())?,
        FieldEdit::Model(text) => door.put_str(&["model"], text.as_deref())?,
        FieldEdit::Criticality(value) => door.put_str(&["criticality"], value.map(Criticality::code))?,
        FieldEdit::Status(status) => door.put_str(&["status"], Some(status.code()))?,
        FieldEdit::WarrantyUntil(at) => door.put_timestamp(&["warranty_until"], *at)?,
        FieldEdit::Installed(at) => door.put_timestamp(&["installed"], *at)?,
        FieldEdit::Position(position) => {
            door.put_int(&["latitude"], position.map(|point| point.latitude))?;
            door.put_int(&["longitude"], position.map(|point| point.longitude))?;
        }
        FieldEdit::Code(text) => door.put_str(&["code"], text.as_deref())?,
        FieldEdit::External(text) => door.put_str(&["external"], text.as_deref())?,
        FieldEdit::Meter(meter) if door.holds(&["meters", &meter.key])? => {
            door.put_str(&["meters", &meter.key, "name"], Some(&meter.name))?;
            door.put_str(&["meters", &meter.key, "unit"], Some(&meter.unit))?;
        }
        FieldEdit::Meter(meter) => {
            let item = map([("name", meter.name.as_str().into()), ("unit", meter.unit.as_str().into())]);
            door.insert_item(&["meters", &meter.key], &item)?;
        }
        FieldEdit::RemoveMeter(key) => door.remove(&["meters", key])?,
        FieldEdit::AddSpare(part) => door.put(&["spares", &part.to_string()], true)?,
        FieldEdit::RemoveSpare(part) => door.remove(&["spares", &part.to_string()])?,
        FieldEdit::Custom(key, value) => door.put_str(&["custom", key], value.as_deref())?,
    }
    Ok(())
}
