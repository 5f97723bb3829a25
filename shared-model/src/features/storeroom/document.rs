//! The fields of storerooms and how they are read.
//!
//! The rules of a part stand in one map per rule, keyed by the part: two people who set different rules of one part
//! at the same time both keep theirs, and a rule set twice shows as a conflict.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::document::{Anomaly, DocumentKind, Field, FieldConflict, FieldTable, Reader, Segment, Shape};
use crate::features::conflict::{Decision, decisions};
use crate::features::stock_movement::{MovementLine, balances_of, movements, recent};
use crate::identity::{DocumentId, PersonId};
use crate::input::{MAX_CODE_BYTES, MAX_NAME_BYTES};
use crate::instant::Timestamp;
use crate::permission::{Permission, Scope};
use crate::units::Quantity;
use crate::workspace::Aggregate;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::PartEdit, step: 0 }
}

const fn decision(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::ConflictResolve, step: 0 }
}

const ID: Shape = Shape::Str { max: 36 };

/// The field table of storerooms.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::Storeroom,
    fields: &[
        field(&[Key("name")], Shape::Str { max: MAX_NAME_BYTES }),
        field(&[Key("code")], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("site")], ID),
        field(&[Key("location")], ID),
        field(&[Key("van")], Shape::Bool),
        field(&[Key("keeper")], ID),
        field(&[Key("bin")], Shape::Map),
        field(&[Key("bin"), Item], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("min")], Shape::Map),
        field(&[Key("min"), Item], Shape::Int),
        field(&[Key("max")], Shape::Map),
        field(&[Key("max"), Item], Shape::Int),
        field(&[Key("reorder_point")], Shape::Map),
        field(&[Key("reorder_point"), Item], Shape::Int),
        decision(&[Key("decisions")], Shape::Map),
        decision(&[Key("decisions"), Item], Shape::Map),
        decision(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }),
        decision(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }),
        decision(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }),
    ],
};

/// How a part is kept in a storeroom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRule {
    /// The part.
    pub part: DocumentId,
    /// Where in the room it lies.
    #[serde(default)]
    pub bin: Option<String>,
    /// There should never be less.
    #[serde(default)]
    pub min: Option<Quantity>,
    /// There should never be more.
    #[serde(default)]
    pub max: Option<Quantity>,
    /// At this quantity it is ordered again.
    #[serde(default)]
    pub reorder_point: Option<Quantity>,
}

/// A storeroom with its stock, as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Storeroom {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub name: String,
    /// A short code.
    pub code: Option<String>,
    /// The site.
    pub site: Option<DocumentId>,
    /// The location.
    pub location: Option<DocumentId>,
    /// It drives around.
    pub van: bool,
    /// Who keeps it.
    pub keeper: Option<PersonId>,
    /// How parts are kept here.
    pub rules: Vec<StockRule>,
    /// How many of each part there are: the sum of the movements.
    pub balances: BTreeMap<DocumentId, Quantity>,
    /// The last movements of every part, latest first.
    #[serde(default)]
    pub recent: Vec<MovementLine>,
    /// Fields with more than one value.
    pub conflicts: Vec<FieldConflict>,
    /// Conflicts that were settled.
    pub decisions: Vec<Decision>,
    /// What looked odd.
    pub anomalies: Vec<Anomaly>,
    /// When the document was last edited, by the clock of that device; movements do not count.
    pub updated_at: Timestamp,
}

impl Storeroom {
    /// The last movements of a part here, latest first.
    pub fn recent_of(&self, part: DocumentId) -> impl Iterator<Item = &MovementLine> {
        self.recent.iter().filter(move |line| line.movement.part == part)
    }
}

/// The keys at the root that [`scopes`] reads.
pub const SCOPE_FIELDS: &[&str] = &["site"];

/// The scopes of a storeroom: its site, or the organisation's catalogue when it has none.
pub fn scopes(aggregate: &Aggregate) -> Vec<Scope> {
    vec![aggregate.document.peek("site").map_or(Scope::Kind(DocumentKind::Storeroom), Scope::Site)]
}

/// Reads a storeroom with its movements. Never fails.
pub fn read(aggregate: &Aggregate) -> Storeroom {
    let hydrated = aggregate.document.hydrate();
    let root = hydrated.root();
    let ledger = movements(aggregate);
    let mut storeroom = Storeroom {
        id: aggregate.id,
        name: root.required_str("name"),
        code: root.str("code"),
        site: root.parsed("site"),
        location: root.parsed("location"),
        van: root.bool("van").unwrap_or(false),
        keeper: root.parsed("keeper"),
        rules: read_rules(&root),
        balances: balances_of(&ledger),
        recent: recent(ledger),
        conflicts: aggregate.document.conflicts_in(&hydrated),
        decisions: decisions(&root),
        anomalies: Vec::new(),
        updated_at: aggregate.document.last_edit(),
    };
    storeroom.anomalies = hydrated.anomalies();
    storeroom
}

fn read_rules(root: &Reader<'_>) -> Vec<StockRule> {
    let (bin, min, max) = (root.map("bin"), root.map("min"), root.map("max"));
    let reorder_point = root.map("reorder_point");
    let parts: BTreeSet<String> =
        [&bin, &min, &max, &reorder_point].into_iter().flat_map(Reader::keys).collect();
    let quantity = |map: &Reader<'_>, part: &str| map.int(part).map(Quantity::from_thousandths);
    let rules = parts.iter().filter_map(|key| {
        Some(StockRule {
            part: key.parse().ok()?,
            bin: bin.str(key),
            min: quantity(&min, key),
            max: quantity(&max, key),
            reorder_point: quantity(&reorder_point, key),
        })
    });
    rules.collect()
}
