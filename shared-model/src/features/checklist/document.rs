//! The fields of checklist templates and how they are read.

use serde::{Deserialize, Serialize};

use super::step::Step;
use crate::document::{
    Anomaly, AnomalyKind, DocumentKind, Field, FieldConflict, FieldTable, Reader, Segment, Shape,
};
use crate::features::conflict::{Decision, decisions};
use crate::identity::DocumentId;
use crate::input::{MAX_CODE_BYTES, MAX_EXTERNAL_BYTES, MAX_NAME_BYTES};
use crate::instant::Timestamp;
use crate::permission::{Permission, Scope};
use crate::workspace::Aggregate;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::ChecklistEdit, step: 0 }
}

const fn decision(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::ConflictResolve, step: 0 }
}

/// Most bytes of a description.
pub const MAX_DESCRIPTION_BYTES: usize = 2_000;

/// The field table of checklist templates.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::ChecklistTemplate,
    fields: &[
        field(&[Key("title")], Shape::Str { max: MAX_NAME_BYTES }),
        field(&[Key("description")], Shape::Str { max: MAX_DESCRIPTION_BYTES }),
        field(&[Key("category")], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("external")], Shape::Str { max: MAX_EXTERNAL_BYTES }),
        field(&[Key("published")], Shape::Str { max: 64 }),
        field(&[Key("retired")], Shape::Bool),
        field(&[Key("versions")], Shape::Map),
        field(&[Key("versions"), Item], Shape::Map),
        field(&[Key("versions"), Item, Key("number")], Shape::Int),
        field(&[Key("versions"), Item, Key("title")], Shape::Str { max: MAX_NAME_BYTES }),
        field(&[Key("versions"), Item, Key("steps")], Shape::Str { max: 32_000 }),
        decision(&[Key("decisions")], Shape::Map),
        decision(&[Key("decisions"), Item], Shape::Map),
        decision(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }),
        decision(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }),
        decision(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }),
    ],
};

/// One saved state of a template's steps. Two devices may both save a version 3: both are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Key inside the template.
    pub key: String,
    /// One more than the greatest number its author saw.
    pub number: i64,
    /// The template's title when it was saved.
    pub title: String,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A checklist template, as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChecklistTemplate {
    /// The document.
    pub id: DocumentId,
    /// What the list is called.
    pub title: String,
    /// More about it.
    pub description: String,
    /// Its group.
    pub category: Option<String>,
    /// Its identity in another system.
    pub external: Option<String>,
    /// Key of the version that is to be used.
    pub published: Option<String>,
    /// Not to be used any more.
    pub retired: bool,
    /// Every version, oldest first by (number, key).
    pub versions: Vec<Version>,
    /// Fields with more than one value.
    pub conflicts: Vec<FieldConflict>,
    /// Conflicts that were settled.
    pub decisions: Vec<Decision>,
    /// What looked odd.
    pub anomalies: Vec<Anomaly>,
    /// When it was last edited, by the clock of that device.
    pub updated_at: Timestamp,
}

impl ChecklistTemplate {
    /// The version that was saved last: the greatest by (number, key).
    pub fn latest_version(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The version that new work orders get: the published one, while the template is in use.
    pub fn current_version(&self) -> Option<&Version> {
        let published = self.published.as_deref().filter(|_| !self.retired)?;
        self.versions.iter().find(|version| version.key == published)
    }
}

/// The scopes of a checklist template: the organisation's catalogue.
pub fn scopes(_: &Aggregate) -> Vec<Scope> {
    vec![Scope::Kind(DocumentKind::ChecklistTemplate)]
}

/// Reads a checklist template. Never fails.
pub fn read(aggregate: &Aggregate) -> ChecklistTemplate {
    let hydrated = aggregate.document.hydrate();
    let root = hydrated.root();
    let mut versions: Vec<Version> =
        root.map("versions").items().iter().map(|(key, version)| read_version(key, version)).collect();
    versions.sort_by(|a, b| (a.number, &a.key).cmp(&(b.number, &b.key)));
    let mut template = ChecklistTemplate {
        id: aggregate.id,
        title: root.required_str("title"),
        description: root.str("description").unwrap_or_default(),
        category: root.str("category"),
        external: root.str("external"),
        published: root.str("published"),
        retired: root.bool("retired").unwrap_or(false),
        versions,
        conflicts: aggregate.document.conflicts_in(&hydrated),
        decisions: decisions(&root),
        anomalies: Vec::new(),
        updated_at: aggregate.updated_at(),
    };
    template.anomalies = hydrated.anomalies();
    template
}

fn read_version(key: &str, version: &Reader<'_>) -> Version {
    let steps = version.required_str("steps");
    let steps = Step::parse_list(&steps).unwrap_or_else(|| {
        version.note("steps", AnomalyKind::WrongType);
        Vec::new()
    });
    Version {
        key: key.to_owned(),
        number: version.int("number").unwrap_or(0),
        title: version.str("title").unwrap_or_default(),
        steps,
    }
}
