//! What people do with checklist templates: they write versions, publish one and retire the list.

use serde::{Deserialize, Serialize};

use super::document::read;
use super::rules::check_steps;
use super::step::Step;
use crate::document::item::map;
use crate::document::{DocumentKind, Edit};
use crate::features::names::Names;
use crate::identity::DocumentId;
use crate::input::{check_key, check_present, same_key};
use crate::workspace::{Refusal, Touch, Workspace};

/// A new checklist template, without a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTemplate {
    /// Its id.
    pub id: DocumentId,
    /// What the list is called.
    pub title: String,
    /// Further fields.
    #[serde(default)]
    pub fields: Vec<FieldEdit>,
    /// Its first version.
    #[serde(default)]
    pub version: Option<NewVersion>,
    /// The first version is to be used at once.
    #[serde(default)]
    pub publish: bool,
}

/// Steps to save as a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewVersion {
    /// Fresh key inside the template.
    pub key: String,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A field of a checklist template and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldEdit {
    /// What the list is called.
    Title(String),
    /// More about it.
    Description(Option<String>),
    /// Its group.
    Category(Option<String>),
    /// Its identity in another system.
    External(Option<String>),
}

/// A command about a checklist template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Write down a new template.
    Create(Box<NewTemplate>),
    /// Change fields.
    Edit {
        /// The template.
        id: DocumentId,
        /// New values.
        edits: Vec<FieldEdit>,
    },
    /// Save steps as a version of their own; its number is one more than the greatest there is.
    SaveVersion {
        /// The template.
        id: DocumentId,
        /// The version.
        version: NewVersion,
    },
    /// Use a version from now on (again, if the template was retired).
    Publish {
        /// The template.
        id: DocumentId,
        /// Key of the version.
        version: String,
    },
    /// Use the template no more. Work that has begun goes on.
    Retire {
        /// The template.
        id: DocumentId,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        let id = match self {
            Self::Create(new) => new.id,
            Self::Edit { id, .. }
            | Self::SaveVersion { id, .. }
            | Self::Publish { id, .. }
            | Self::Retire { id } => *id,
        };
        vec![Touch { document: id, kind: DocumentKind::ChecklistTemplate }]
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        match self {
            Self::Create(new) => names.begin(new.id),
            Self::Edit { .. } | Self::SaveVersion { .. } | Self::Publish { .. } | Self::Retire { .. } => {}
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        let id = match self {
            Self::Create(new) => return create(workspace, new),
            Self::Edit { id, .. }
            | Self::SaveVersion { id, .. }
            | Self::Publish { id, .. }
            | Self::Retire { id } => *id,
        };
        workspace.aggregate_of(id, DocumentKind::ChecklistTemplate)?;
        match self {
            Self::Create(_) => Ok(()),
            Self::Edit { edits, .. } => {
                edits.iter().try_for_each(check)?;
                workspace.edit(id, |door| edits.iter().try_for_each(|edit| write(door, edit)))
            }
            Self::SaveVersion { version, .. } => save_version(workspace, id, version),
            Self::Publish { version, .. } => publish(workspace, id, version),
            Self::Retire { .. } => workspace.edit(id, |door| Ok(door.put(&["retired"], true)?)),
        }
    }
}

fn create(workspace: &mut Workspace, new: &NewTemplate) -> Result<(), Refusal> {
    check_present("title", &new.title)?;
    new.fields.iter().try_for_each(check)?;
    new.version.iter().try_for_each(check_version)?;
    workspace.create(new.id, DocumentKind::ChecklistTemplate)?;
    workspace.edit(new.id, |door| {
        write(door, &FieldEdit::Title(new.title.clone()))?;
        new.fields.iter().try_for_each(|edit| write(door, edit))?;
        if let Some(version) = &new.version {
            insert_version(door, version, 1, &new.title)?;
            if new.publish {
                door.put_str(&["published"], Some(&version.key))?;
            }
        }
        Ok(())
    })
}

fn check_version(version: &NewVersion) -> Result<(), Refusal> {
    check_key("version", &version.key)?;
    check_steps(&version.steps)
}

fn save_version(workspace: &mut Workspace, id: DocumentId, version: &NewVersion) -> Result<(), Refusal> {
    check_version(version)?;
    let template = read(workspace.aggregate(id)?);
    if let Some(saved) = template.versions.iter().find(|saved| saved.key == version.key) {
        return same_key(saved.steps == version.steps, &version.key);
    }
    let number = template.latest_version().map_or(1, |latest| latest.number.saturating_add(1));
    workspace.edit(id, |door| insert_version(door, version, number, &template.title))
}

fn insert_version(door: &mut Edit, version: &NewVersion, number: i64, title: &str) -> Result<(), Refusal> {
    let item = map([
        ("number", number.into()),
        ("title", title.trim().into()),
        ("steps", Step::list_to_text(&version.steps).as_str().into()),
    ]);
    Ok(door.insert_item(&["versions", &version.key], &item)?)
}

fn publish(workspace: &mut Workspace, id: DocumentId, version: &str) -> Result<(), Refusal> {
    let template = read(workspace.aggregate(id)?);
    if !template.versions.iter().any(|saved| saved.key == version) {
        return Err(Refusal::value("version", "is not in this template"));
    }
    workspace.edit(id, |door| {
        door.put_str(&["published"], Some(version))?;
        if template.retired {
            door.put(&["retired"], false)?;
        }
        Ok(())
    })
}

fn check(edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Title(title) => check_present("title", title),
        FieldEdit::Description(_) | FieldEdit::Category(_) | FieldEdit::External(_) => Ok(()),
    }
}

fn write(door: &mut Edit, edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Title(title) => door.put_str(&["title"], Some(title.trim()))?,
        FieldEdit::Description(text) => door.put_str(&["description"], text.as_deref())?,
        FieldEdit::Category(text) => door.put_str(&["category"], text.as_deref())?,
        FieldEdit::External(text) => door.put_str(&["external"], text.as_deref())?,
    }
    Ok(())
}
