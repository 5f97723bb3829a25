//! What people do with storerooms: they set them up and say how parts are kept. Moving stock is a matter of
//! [`crate::features::stock_movement`].

use serde::{Deserialize, Serialize};

use super::document::StockRule;
use crate::document::{DocumentKind, Edit};
use crate::features::names::Names;
use crate::identity::{DocumentId, PersonId};
use crate::input::check_present;
use crate::units::Quantity;
use crate::workspace::{Refusal, Touch, Workspace};

/// A new storeroom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewStoreroom {
    /// Its id.
    pub id: DocumentId,
    /// What people call it.
    pub name: String,
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

/// A field of a storeroom and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldEdit {
    /// What people call it.
    Name(String),
    /// A short code.
    Code(Option<String>),
    /// Site and location.
    Place(Option<DocumentId>, Option<DocumentId>),
    /// It drives around.
    Van(bool),
    /// Who keeps it.
    Keeper(Option<PersonId>),
    /// How a part is kept here; `None` clears a rule.
    Rule(StockRule),
}

/// A command about a storeroom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Set up a new storeroom.
    Create(Box<NewStoreroom>),
    /// Change fields and rules.
    Edit {
        /// The storeroom.
        id: DocumentId,
        /// New values.
        edits: Vec<FieldEdit>,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        let id = match self {
            Self::Create(new) => new.id,
            Self::Edit { id, .. } => *id,
        };
        vec![Touch { document: id, kind: DocumentKind::Storeroom }]
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        let edits = match self {
            Self::Create(new) => {
                names.begin(new.id);
                names.place(new.site, new.location);
                &new.fields
            }
            Self::Edit { edits, .. } => edits,
        };
        for edit in edits {
            match edit {
                FieldEdit::Place(site, location) => names.place(*site, *location),
                FieldEdit::Keeper(person) => names.people("keeper", *person),
                FieldEdit::Rule(rule) => names.refer("part", DocumentKind::Part, [rule.part]),
                FieldEdit::Name(_) | FieldEdit::Code(_) | FieldEdit::Van(_) => {}
            }
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Create(new) => create(workspace, new),
            Self::Edit { id, edits } => {
                workspace.aggregate_of(*id, DocumentKind::Storeroom)?;
                edits.iter().try_for_each(check)?;
                workspace.edit(*id, |door| edits.iter().try_for_each(|edit| write(door, edit)))
            }
        }
    }
}

fn create(workspace: &mut Workspace, new: &NewStoreroom) -> Result<(), Refusal> {
    check_present("name", &new.name)?;
    new.fields.iter().try_for_each(check)?;
    workspace.create(new.id, DocumentKind::Storeroom)?;
    workspace.edit(new.id, |door| {
        write(door, &FieldEdit::Name(new.name.clone()))?;
        write(door, &FieldEdit::Place(new.site, new.location))?;
        new.fields.iter().try_for_each(|edit| write(door, edit))
    })
}

fn check(edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Name(name) => check_present("name", name),
        FieldEdit::Rule(rule) => check_rule(rule),
        FieldEdit::Code(_) | FieldEdit::Place(..) | FieldEdit::Van(_) | FieldEdit::Keeper(_) => Ok(()),
    }
}

fn check_rule(rule: &StockRule) -> Result<(), Refusal> {
    for (field, value) in [("min", rule.min), ("max", rule.max), ("reorder_point", rule.reorder_point)] {
        if value.is_some_and(|quantity| quantity < Quantity::ZERO) {
            return Err(Refusal::value(field, "must not be below nothing"));
        }
    }
    match (rule.min, rule.max) {
        (Some(min), Some(max)) if min > max => Err(Refusal::value("max", "must not be below the minimum")),
        _ => Ok(()),
    }
}

fn write(door: &mut Edit, edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Name(name) => door.put_str(&["name"], Some(name.trim()))?,
        FieldEdit::Code(text) => door.put_str(&["code"], text.as_deref())?,
        FieldEdit::Place(site, location) => {
            door.put_id(&["site"], *site)?;
            door.put_id(&["location"], *location)?;
        }
        FieldEdit::Van(van) => door.put(&["van"], *van)?,
        FieldEdit::Keeper(person) => door.put_id(&["keeper"], *person)?,
        FieldEdit::Rule(rule) => {
            let part = rule.part.to_string();
            door.put_str(&["bin", &part], rule.bin.as_deref())?;
            door.put_int(&["min", &part], rule.min.map(Quantity::thousandths))?;
            door.put_int(&["max", &part], rule.max.map(Quantity::thousandths))?;
            door.put_int(&["reorder_point", &part], rule.reorder_point.map(Quantity::thousandths))?;
        }
    }
    Ok(())
}
