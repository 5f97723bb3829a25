//! The fields of a work order and how they are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::notice::{NoticeLine, notices};
use super::status::{NumberAssigned, Status, StatusLine, fold};
use super::{Origin, Priority, WorkType};
use crate::document::{
    Anomaly, AnomalyKind, DocumentKind, Field, FieldConflict, FieldTable, Reader, Segment, Shape,
};
use crate::features::checklist::{Answer, MAX_ANSWER_BYTES, Step};
use crate::features::comment::{CommentLine, comments};
use crate::features::conflict::{Decision, decisions};
use crate::features::labour_entry::{LabourLine, labour};
use crate::identity::{ActorId, DocumentId, PersonId, RecordId, TeamId};
use crate::input::{
    MAX_CODE_BYTES, MAX_CUSTOM_BYTES, MAX_EXTERNAL_BYTES, MAX_NAME_BYTES, MAX_TEXT_CHARS, MAX_UNIT_BYTES,
};
use crate::instant::Timestamp;
use crate::permission::{Permission, Scope};
use crate::record::{Record, RecordKind};
use crate::units::Quantity;
use crate::workspace::Aggregate;

use Permission::{ConflictResolve, WorkOrderAssign, WorkOrderEdit, WorkOrderExecute};
use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape, permission: Permission) -> Field {
    Field { path, shape, permission, step: 0 }
}

/// Step 1: what was done, in words.
const fn resolution() -> Field {
    let shape = Shape::Text { max: MAX_TEXT_CHARS };
    Field { path: &[Key("resolution")], shape, permission: WorkOrderExecute, step: 1 }
}

const ID: Shape = Shape::Str { max: 36 };

/// The field table of work orders.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::WorkOrder,
    fields: &[
        field(&[Key("title")], Shape::Str { max: MAX_NAME_BYTES }, WorkOrderEdit),
        field(&[Key("description")], Shape::Text { max: MAX_TEXT_CHARS }, WorkOrderEdit),
        field(&[Key("type")], Shape::Code(WorkType::CODES), WorkOrderEdit),
        field(&[Key("priority")], Shape::Code(Priority::CODES), WorkOrderEdit),
        field(&[Key("origin")], Shape::Code(Origin::CODES), WorkOrderEdit),
        field(&[Key("origin_ref")], Shape::Str { max: MAX_EXTERNAL_BYTES }, WorkOrderEdit),
        field(&[Key("external")], Shape::Str { max: MAX_EXTERNAL_BYTES }, WorkOrderEdit),
        field(&[Key("requester")], ID, WorkOrderEdit),
        field(&[Key("site")], ID, WorkOrderEdit),
        field(&[Key("location")], ID, WorkOrderEdit),
        field(&[Key("planned_start")], Shape::Timestamp, WorkOrderEdit),
        field(&[Key("due")], Shape::Timestamp, WorkOrderEdit),
        field(&[Key("estimated_minutes")], Shape::Int, WorkOrderEdit),
        field(&[Key("downtime_start")], Shape::Timestamp, WorkOrderExecute),
        field(&[Key("downtime_end")], Shape::Timestamp, WorkOrderExecute),
        field(&[Key("failure_mode")], Shape::Str { max: 32 }, WorkOrderExecute),
        field(&[Key("failure_mechanism")], Shape::Str { max: 32 }, WorkOrderExecute),
        field(&[Key("failure_cause")], Shape::Str { max: 32 }, WorkOrderExecute),
        field(&[Key("failure_detection")], Shape::Str { max: 32 }, WorkOrderExecute),
        field(&[Key("failure_impact")], Shape::Str { max: 32 }, WorkOrderExecute),
        field(&[Key("assets")], Shape::Map, WorkOrderEdit),
        field(&[Key("assets"), Item], Shape::Map, WorkOrderEdit),
        field(&[Key("assets"), Item, Key("tag")], Shape::Str { max: MAX_CODE_BYTES }, WorkOrderEdit),
        field(&[Key("assets"), Item, Key("name")], Shape::Str { max: MAX_NAME_BYTES }, WorkOrderEdit),
        field(&[Key("people")], Shape::Map, WorkOrderAssign),
        field(&[Key("people"), Item], Shape::Bool, WorkOrderAssign),
        field(&[Key("teams")], Shape::Map, WorkOrderAssign),
        field(&[Key("teams"), Item], Shape::Bool, WorkOrderAssign),
        field(&[Key("tags")], Shape::Map, WorkOrderEdit),
        field(&[Key("tags"), Item], Shape::Bool, WorkOrderEdit),
        field(&[Key("custom")], Shape::Map, WorkOrderEdit),
        field(&[Key("custom"), Item], Shape::Str { max: MAX_CUSTOM_BYTES }, WorkOrderEdit),
        field(&[Key("timers")], Shape::Map, WorkOrderExecute),
        field(&[Key("timers"), Item], Shape::Timestamp, WorkOrderExecute),
        field(&[Key("checklists")], Shape::Map, WorkOrderEdit),
        field(&[Key("checklists"), Item], Shape::Map, WorkOrderEdit),
        field(&[Key("checklists"), Item, Key("template")], ID, WorkOrderEdit),
        field(&[Key("checklists"), Item, Key("version")], Shape::Int, WorkOrderEdit),
        field(&[Key("checklists"), Item, Key("title")], Shape::Str { max: MAX_NAME_BYTES }, WorkOrderEdit),
        field(&[Key("checklists"), Item, Key("steps")], Shape::Str { max: 32_000 }, WorkOrderEdit),
        // Made with the list, by whoever attaches it; what stands in it is written by whoever does the work.
        field(&[Key("checklists"), Item, Key("answers")], Shape::Map, WorkOrderEdit),
        field(
            &[Key("checklists"), Item, Key("answers"), Item],
            Shape::Str { max: MAX_ANSWER_BYTES },
            WorkOrderExecute,
        ),
        field(&[Key("checklists"), Item, Key("remarks")], Shape::Map, WorkOrderEdit),
        field(
            &[Key("checklists"), Item, Key("remarks"), Item],
            Shape::Str { max: MAX_ANSWER_BYTES },
            WorkOrderExecute,
        ),
        field(&[Key("parts")], Shape::Map, WorkOrderExecute),
        field(&[Key("parts"), Item], Shape::Map, WorkOrderExecute),
        field(&[Key("parts"), Item, Key("part")], ID, WorkOrderExecute),
        field(&[Key("parts"), Item, Key("storeroom")], ID, WorkOrderExecute),
        field(&[Key("parts"), Item, Key("movement")], ID, WorkOrderExecute),
        field(&[Key("parts"), Item, Key("number")], Shape::Str { max: MAX_CODE_BYTES }, WorkOrderExecute),
        field(&[Key("parts"), Item, Key("name")], Shape::Str { max: MAX_NAME_BYTES }, WorkOrderExecute),
        field(&[Key("parts"), Item, Key("quantity")], Shape::Int, WorkOrderExecute),
        field(&[Key("parts"), Item, Key("unit")], Shape::Str { max: MAX_UNIT_BYTES }, WorkOrderExecute),
        field(&[Key("decisions")], Shape::Map, ConflictResolve),
        field(&[Key("decisions"), Item], Shape::Map, ConflictResolve),
        field(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }, ConflictResolve),
        field(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }, ConflictResolve),
        field(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }, ConflictResolve),
        resolution(),
    ],
};

/// An asset a work order is about; tag and name are copied so that the order reads without the asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetLink {
    /// The asset.
    pub id: DocumentId,
    /// Its tag when it was linked.
    pub tag: String,
    /// Its name when it was linked.
    pub name: String,
}

/// A checklist being worked through, pinned to one version of its template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistExecution {
    /// Key inside the work order.
    pub key: String,
    /// The template, if the list came from one.
    pub template: Option<DocumentId>,
    /// The version of the template.
    pub version: i64,
    /// What the list is called.
    pub title: String,
    /// The steps, as they were when the list was attached.
    pub steps: Vec<Step>,
    /// Answers by step key.
    pub answers: BTreeMap<String, String>,
    /// Remarks by step key.
    pub remarks: BTreeMap<String, String>,
}

impl ChecklistExecution {
    /// The answer to a step, when it is one that the step's type understands.
    pub fn answer(&self, step: &Step) -> Option<Answer> {
        self.answers.get(&step.key).and_then(|text| Answer::parse(&step.field, text))
    }

    /// How many steps have an answer.
    pub fn answered(&self) -> u32 {
        let steps = self.steps.iter().filter(|step| self.is_shown(step) && self.answer(step).is_some());
        u32::try_from(steps.count()).unwrap_or(u32::MAX)
    }

    /// How many steps take an answer.
    pub fn answerable(&self) -> u32 {
        let steps = self.steps.iter().filter(|step| self.is_shown(step) && step.field.takes_answer());
        u32::try_from(steps.count()).unwrap_or(u32::MAX)
    }

    /// Is the step's condition met by the answer it asks about?
    pub fn is_shown(&self, step: &Step) -> bool {
        step.condition.as_ref().is_none_or(|condition| {
            self.answers.get(&condition.step).is_some_and(|answer| *answer == condition.answer)
        })
    }

    /// The labels of required steps without an answer.
    pub fn unanswered_required(&self) -> Vec<String> {
        self.steps
            .iter()
            .filter(|step| {
                step.required
                    && step.field.takes_answer()
                    && self.is_shown(step)
                    && self.answer(step).is_none()
            })
            .map(|step| step.label.clone())
            .collect()
    }
}

/// A part that went into the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartUsed {
    /// Key inside the work order.
    pub key: String,
    /// The part.
    pub part: Option<DocumentId>,
    /// The storeroom it came from.
    pub storeroom: Option<DocumentId>,
    /// The stock movement that took it out.
    pub movement: Option<RecordId>,
    /// The part's number when it was used.
    pub number: String,
    /// The part's name when it was used.
    pub name: String,
    /// How much.
    pub quantity: Quantity,
    /// Of which unit.
    pub unit: String,
}

/// How a functional failure is coded (ISO 14224).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was seen.
    pub mode: Option<String>,
    /// How it came about.
    pub mechanism: Option<String>,
    /// Why.
    pub cause: Option<String>,
    /// How it was found.
    pub detection: Option<String>,
    /// Critical, degraded or incipient.
    pub impact: Option<String>,
}

/// A work order with everything that belongs to it, as its screen shows it. Costs are not part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkOrder {
    /// The document.
    pub id: DocumentId,
    /// `WO-000123`, or `~K7Q2` until the server has given the number.
    pub number: String,
    /// What is to be done.
    pub title: String,
    /// More about it.
    pub description: String,
    /// What was done.
    #[serde(default)]
    pub resolution: String,
    /// Why it is done.
    #[serde(rename = "type")]
    pub work_type: WorkType,
    /// How urgent it is.
    pub priority: Priority,
    /// What made it.
    pub origin: Origin,
    /// What exactly made it (a plan occurrence, a request).
    pub origin_ref: Option<String>,
    /// Its identity in another system.
    pub external: Option<String>,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// The site.
    pub site: Option<DocumentId>,
    /// The location.
    pub location: Option<DocumentId>,
    /// When work is planned to start.
    pub planned_start: Option<Timestamp>,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// How long it should take, in minutes.
    pub estimated_minutes: Option<i64>,
    /// When the asset went down.
    pub downtime_start: Option<Timestamp>,
    /// When the asset was up again.
    pub downtime_end: Option<Timestamp>,
    /// Failure coding.
    pub failure: Failure,
    /// The assets.
    pub assets: Vec<AssetLink>,
    /// Who is to do it.
    pub people: Vec<PersonId>,
    /// Which teams are to do it.
    pub teams: Vec<TeamId>,
    /// Tags.
    pub tags: Vec<String>,
    /// Custom fields by key.
    pub custom: BTreeMap<String, String>,
    /// Running timers: who, since when.
    pub timers: BTreeMap<PersonId, Timestamp>,
    /// Checklists.
    pub checklists: Vec<ChecklistExecution>,
    /// Parts used.
    pub parts: Vec<PartUsed>,
    /// How far it is.
    pub status: Status,
    /// How it came there, in causal order; superseded events are kept.
    pub history: Vec<StatusLine>,
    /// What the server had to set right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeLine>,
    /// Hours worked.
    pub labour: Vec<LabourLine>,
    /// The thread.
    pub comments: Vec<CommentLine>,
    /// Fields with more than one value.
    pub conflicts: Vec<FieldConflict>,
    /// Conflicts that were settled.
    pub decisions: Vec<Decision>,
    /// What looked odd.
    pub anomalies: Vec<Anomaly>,
    /// When it was last edited or written about, by the clock of that device.
    pub updated_at: Timestamp,
    /// When its own fields were last edited, to the second.
    #[serde(default)]
    pub edited_at: Timestamp,
    /// With which actor.
    #[serde(default)]
    pub edited_by: Option<ActorId>,
}

impl WorkOrder {
    fn completion(&self) -> Option<&StatusLine> {
        self.history
            .iter()
            .rev()
            .find(|line| {
                is_done(line)
                    || (!line.superseded && line.to == Status::Closed && self.status == Status::Closed)
            })
            .filter(|_| matches!(self.status, Status::Completed | Status::Verified | Status::Closed))
    }

    /// When it was completed, by the clock of the device.
    pub fn completed_at(&self) -> Option<Timestamp> {
        self.completion().map(|line| line.at)
    }

    /// Who completed it.
    pub fn completed_by(&self) -> Option<PersonId> {
        self.done().and_then(|line| line.author)
    }

    /// The last time somebody said that it is done.
    pub(super) fn done(&self) -> Option<&StatusLine> {
        self.history.iter().rfind(|line| is_done(line))
    }

    /// Notices of the server that nobody has dealt with.
    pub fn open_notices(&self) -> impl Iterator<Item = &NoticeLine> {
        self.notices.iter().filter(|line| line.settled_by.is_none())
    }

    /// The verification that was taken last.
    pub(super) fn verification(&self) -> Option<&StatusLine> {
        self.history.iter().rfind(|line| !line.superseded && line.to == Status::Verified)
    }
}

/// Going back to completed, which only the server does, takes a verification away and is no completion.
fn is_done(line: &StatusLine) -> bool {
    let goes_back = matches!(line.from, Status::Verified | Status::Closed);
    !line.superseded && line.to == Status::Completed && !goes_back
}

/// The number of a work order: the server's, else a provisional one made from the id.
pub fn number_of(aggregate: &Aggregate) -> String {
    aggregate
        .records_of(RecordKind::NumberAssigned)
        .find_map(Record::read::<NumberAssigned>)
        .map_or_else(|| provisional_number(aggregate.id), |fact| format!("WO-{:06}", fact.number))
}

/// `~` and four letters or digits from the random end of the id.
pub fn provisional_number(id: DocumentId) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let tail = &id.as_bytes()[12..];
    tail.iter().fold(String::from("~"), |mut number, byte| {
        number.push(char::from(ALPHABET[usize::from(byte % 32)]));
        number
    })
}

/// The keys at the root that [`scopes`] reads.
pub const SCOPE_FIELDS: &[&str] = &["site", "requester", "people", "teams"];

/// The scopes of a work order: its site, and the people and teams it is assigned to or was asked for by.
pub fn scopes(aggregate: &Aggregate) -> Vec<Scope> {
    let document = &aggregate.document;
    let mut scopes: Vec<Scope> = document.peek("site").map(Scope::Site).into_iter().collect();
    scopes.extend(document.peek("requester").map(Scope::Person));
    scopes.extend(document.peek_set("people").into_iter().map(Scope::Person));
    scopes.extend(document.peek_set("teams").into_iter().map(Scope::Team));
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Reads a work order with its records. Never fails.
pub fn read(aggregate: &Aggregate) -> WorkOrder {
    let hydrated = aggregate.document.hydrate();
    let root = hydrated.root();
    let (status, history) = fold(aggregate);
    let mut order = WorkOrder {
        id: aggregate.id,
        number: number_of(aggregate),
        title: root.required_str("title"),
        description: root.text("description"),
        resolution: root.text("resolution"),
        work_type: root.code("type", WorkType::from_code).unwrap_or(WorkType::Corrective),
        priority: root.code("priority", Priority::from_code).unwrap_or(Priority::Medium),
        origin: root.code("origin", Origin::from_code).unwrap_or(Origin::Manual),
        origin_ref: root.str("origin_ref"),
        external: root.str("external"),
        requester: root.parsed("requester"),
        site: root.parsed("site"),
        location: root.parsed("location"),
        planned_start: root.timestamp("planned_start"),
        due: root.timestamp("due"),
        estimated_minutes: root.int("estimated_minutes"),
        downtime_start: root.timestamp("downtime_start"),
        downtime_end: root.timestamp("downtime_end"),
        failure: Failure {
            mode: root.str("failure_mode"),
            mechanism: root.str("failure_mechanism"),
            cause: root.str("failure_cause"),
            detection: root.str("failure_detection"),
            impact: root.str("failure_impact"),
        },
        assets: read_assets(&root),
        people: root.ids("people"),
        teams: root.ids("teams"),
        tags: root.set("tags").into_iter().collect(),
        custom: root.strings("custom"),
        timers: read_timers(&root.map("timers")),
        checklists: root
            .map("checklists")
            .items()
            .iter()
            .map(|(key, list)| read_checklist(key, list))
            .collect(),
        parts: root.map("parts").items().iter().map(|(key, part)| read_part(key, part)).collect(),
        status,
        history,
        notices: notices(aggregate),
        labour: labour(aggregate),
        comments: comments(aggregate),
        conflicts: aggregate.document.conflicts_in(&hydrated),
        decisions: decisions(&root),
        anomalies: Vec::new(),
        updated_at: aggregate.updated_at(),
        edited_at: aggregate.document.last_edit(),
        edited_by: aggregate.document.last_editor(),
    };
    for line in order.history.iter().filter(|line| line.superseded) {
        root.note(&format!("status/{}", line.to.code()), AnomalyKind::Superseded);
    }
    order.anomalies = hydrated.anomalies();
    order
}

fn read_assets(root: &Reader<'_>) -> Vec<AssetLink> {
    let items = root.map("assets").items();
    let links = items.iter().filter_map(|(key, asset)| {
        let id = key.parse().ok()?;
        Some(AssetLink { id, tag: asset.required_str("tag"), name: asset.str("name").unwrap_or_default() })
    });
    links.collect()
}

fn read_timers(map: &Reader<'_>) -> BTreeMap<PersonId, Timestamp> {
    map.keys().into_iter().filter_map(|key| Some((key.parse().ok()?, map.timestamp(&key)?))).collect()
}

fn read_checklist(key: &str, list: &Reader<'_>) -> ChecklistExecution {
    let steps = list.required_str("steps");
    let steps = Step::parse_list(&steps).unwrap_or_else(|| {
        list.note("steps", AnomalyKind::WrongType);
        Vec::new()
    });
    ChecklistExecution {
        key: key.to_owned(),
        template: list.parsed("template"),
        version: list.int("version").unwrap_or(1),
        title: list.required_str("title"),
        steps,
        answers: list.strings("answers"),
        remarks: list.strings("remarks"),
    }
}

fn read_part(key: &str, part: &Reader<'_>) -> PartUsed {
    PartUsed {
        key: key.to_owned(),
        part: part.parsed("part"),
        storeroom: part.parsed("storeroom"),
        movement: part.parsed("movement"),
        number: part.required_str("number"),
        name: part.str("name").unwrap_or_default(),
        quantity: Quantity::from_thousandths(part.int("quantity").unwrap_or(0)),
        unit: part.str("unit").unwrap_or_default(),
    }
}
