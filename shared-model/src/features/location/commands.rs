//! What people do with locations: they write them down, change them and move them in the tree.

use serde::{Deserialize, Serialize};

use crate::document::{DocumentKind, Edit};
use crate::features::names::Names;
use crate::identity::DocumentId;
use crate::input::{check_key, check_present};
use crate::workspace::{Refusal, Touch, Workspace};

/// A new location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLocation {
    /// Its id.
    pub id: DocumentId,
    /// What people call it.
    pub name: String,
    /// The location it is in; a site is in none.
    #[serde(default)]
    pub parent: Option<DocumentId>,
    /// The site it belongs to; none for a site itself.
    #[serde(default)]
    pub site: Option<DocumentId>,
    /// Further fields.
    #[serde(default)]
    pub fields: Vec<FieldEdit>,
}

/// A field of a location and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldEdit {
    /// What people call it.
    Name(String),
    /// A short code.
    Code(Option<String>),
    /// Postal address.
    Address(Option<String>),
    /// IANA time zone.
    TimeZone(Option<String>),
    /// Its identity in another system.
    External(Option<String>),
    /// A custom field.
    Custom(String, Option<String>),
}

/// A command about a location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Write down a new location.
    Create(Box<NewLocation>),
    /// Change fields.
    Edit {
        /// The location.
        id: DocumentId,
        /// New values.
        edits: Vec<FieldEdit>,
    },
    /// Move it to another place in the tree.
    Move {
        /// The location.
        id: DocumentId,
        /// The location it is now in.
        #[serde(default)]
        parent: Option<DocumentId>,
        /// The site it now belongs to.
        #[serde(default)]
        site: Option<DocumentId>,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        let id = match self {
            Self::Create(new) => new.id,
            Self::Edit { id, .. } | Self::Move { id, .. } => *id,
        };
        vec![Touch { document: id, kind: DocumentKind::Location }]
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        let (parent, site) = match self {
            Self::Create(new) => {
                names.begin(new.id);
                (new.parent, new.site)
            }
            Self::Edit { .. } => (None, None),
            Self::Move { parent, site, .. } => (*parent, *site),
        };
        names.refer("parent", DocumentKind::Location, parent);
        names.refer("site", DocumentKind::Location, site);
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Create(new) => create(workspace, new),
            Self::Edit { id, edits } => {
                workspace.aggregate_of(*id, DocumentKind::Location)?;
                edits.iter().try_for_each(check)?;
                workspace.edit(*id, |door| edits.iter().try_for_each(|edit| write(door, edit)))
            }
            Self::Move { id, parent, site } => {
                workspace.aggregate_of(*id, DocumentKind::Location)?;
                check_place(*id, *parent)?;
                workspace.edit(*id, |door| place(door, *parent, *site))
            }
        }
    }
}

fn create(workspace: &mut Workspace, new: &NewLocation) -> Result<(), Refusal> {
    check_present("name", &new.name)?;
    check_place(new.id, new.parent)?;
    new.fields.iter().try_for_each(check)?;
    workspace.create(new.id, DocumentKind::Location)?;
    workspace.edit(new.id, |door| {
        door.put_str(&["name"], Some(new.name.trim()))?;
        place(door, new.parent, new.site)?;
        new.fields.iter().try_for_each(|edit| write(door, edit))
    })
}

/// Nothing is in itself. A circle over other locations shows in the rows ([`crate::tree::circles`]).
fn check_place(id: DocumentId, parent: Option<DocumentId>) -> Result<(), Refusal> {
    if parent == Some(id) { Err(Refusal::value("parent", "is the location itself")) } else { Ok(()) }
}

fn place(door: &mut Edit, parent: Option<DocumentId>, site: Option<DocumentId>) -> Result<(), Refusal> {
    door.put_id(&["parent"], parent)?;
    Ok(door.put_id(&["site"], site)?)
}

fn check(edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Name(name) => check_present("name", name),
        FieldEdit::Custom(key, _) => check_key("custom", key),
        FieldEdit::Code(_) | FieldEdit::Address(_) | FieldEdit::TimeZone(_) | FieldEdit::External(_) => {
            Ok(())
        }
    }
}

fn write(door: &mut Edit, edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Name(name) => door.put_str(&["name"], Some(name.trim()))?,
        FieldEdit::Code(text) => door.put_str(&["code"], text.as_deref())?,
        FieldEdit::Address(text) => door.put_str(&["address"], text.as_deref())?,
        FieldEdit::TimeZone(text) => door.put_str(&["time_zone"], text.as_deref())?,
        FieldEdit::External(text) => door.put_str(&["external"], text.as_deref())?,
        FieldEdit::Custom(key, value) => door.put_str(&["custom", key], value.as_deref())?,
    }
    Ok(())
}
