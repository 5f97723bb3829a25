//! What people do with parts: they write them into the catalogue and change them.

use serde::{Deserialize, Serialize};

use crate::document::{DocumentKind, Edit, TextEdit};
use crate::features::names::Names;
use crate::identity::DocumentId;
use crate::input::{MAX_TEXT_CHARS, check_chars, check_key, check_present};
use crate::workspace::{Refusal, Touch, Workspace};

/// A new part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPart {
    /// Its id.
    pub id: DocumentId,
    /// Its number in the catalogue.
    pub number: String,
    /// What it is.
    pub name: String,
    /// What its quantities count, for example `pcs` or `l`.
    pub unit: String,
    /// Further fields.
    #[serde(default)]
    pub fields: Vec<FieldEdit>,
}

/// A field of a part and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldEdit {
    /// Its number in the catalogue.
    Number(String),
    /// What it is.
    Name(String),
    /// More about it.
    Description(TextEdit),
    /// Its group in the catalogue.
    Category(Option<String>),
    /// What its quantities count.
    Unit(String),
    /// What its bar code says.
    Barcode(Option<String>),
    /// Who makes it.
    Manufacturer(Option<String>),
    /// Its identity in another system.
    External(Option<String>),
    /// A custom field.
    Custom(String, Option<String>),
}

/// A command about a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Write a new part into the catalogue.
    Create(Box<NewPart>),
    /// Change fields.
    Edit {
        /// The part.
        id: DocumentId,
        /// New values.
        edits: Vec<FieldEdit>,
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
            Self::Edit { id, .. } => *id,
        };
        vec![Touch { document: id, kind: DocumentKind::Part }]
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        match self {
            Self::Create(new) => names.begin(new.id),
            Self::Edit { .. } => {}
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Create(new) => create(workspace, new),
            Self::Edit { id, edits } => {
                workspace.aggregate_of(*id, DocumentKind::Part)?;
                edits.iter().try_for_each(check)?;
                workspace.edit(*id, |door| edits.iter().try_for_each(|edit| write(door, edit)))
            }
        }
    }
}

fn create(workspace: &mut Workspace, new: &NewPart) -> Result<(), Refusal> {
    check_present("number", &new.number)?;
    check_present("name", &new.name)?;
    check_present("unit", &new.unit)?;
    new.fields.iter().try_for_each(check)?;
    workspace.create(new.id, DocumentKind::Part)?;
    workspace.edit(new.id, |door| {
        door.put_str(&["number"], Some(new.number.trim()))?;
        door.put_str(&["name"], Some(new.name.trim()))?;
        door.put_str(&["unit"], Some(new.unit.trim()))?;
        new.fields.iter().try_for_each(|edit| write(door, edit))
    })
}

fn check(edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Number(number) => check_present("number", number),
        FieldEdit::Name(name) => check_present("name", name),
        FieldEdit::Unit(unit) => check_present("unit", unit),
        FieldEdit::Description(edit) => check_chars("description", &edit.text, MAX_TEXT_CHARS),
        FieldEdit::Custom(key, _) => check_key("custom", key),
        FieldEdit::Category(_)
        | FieldEdit::Barcode(_)
        | FieldEdit::Manufacturer(_)
        | FieldEdit::External(_) => Ok(()),
    }
}

fn write(door: &mut Edit, edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Number(number) => door.put_str(&["number"], Some(number.trim()))?,
        FieldEdit::Name(name) => door.put_str(&["name"], Some(name.trim()))?,
        FieldEdit::Description(edit) => door.edit_text(&["description"], edit)?,
        FieldEdit::Category(text) => door.put_str(&["category"], text.as_deref())?,
        FieldEdit::Unit(unit) => door.put_str(&["unit"], Some(unit.trim()))?,
        FieldEdit::Barcode(text) => door.put_str(&["barcode"], text.as_deref())?,
        FieldEdit::Manufacturer(text) => door.put_str(&["manufacturer"], text.as_deref())?,
        FieldEdit::External(text) => door.put_str(&["external"], text.as_deref())?,
        FieldEdit::Custom(key, value) => door.put_str(&["custom", key], value.as_deref())?,
    }
    Ok(())
}
