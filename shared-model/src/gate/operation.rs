//! The operations of a change, put together from their columns.

use std::ops::Range;

use automerge::ScalarValue;

use super::Refused;
use super::author::Author;
use super::bytes::Bytes;
use super::columns::{Columns, Rows, booleans, differences, runs};

/// The name of an operation, and of the object or character it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OpId {
    pub(super) counter: u64,
    pub(super) actor: Author,
}

/// What an operation does; the only actions that documents of ours need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    MakeMap,
    MakeText,
    Put,
    Delete,
}

/// Where in its object an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key<'a> {
    /// A key of a map.
    Name(&'a str),
    /// The beginning of a text.
    Head,
    /// A character of a text.
    Element(OpId),
}

/// A value as encoded, not yet anybody's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Str(&'a str),
    Int(i64),
    Timestamp(i64),
    /// A type that no field has: unsigned, float, bytes, counter or unknown.
    Foreign,
}

impl Value<'_> {
    /// The same for Automerge; `None` for a type that no field has.
    pub(super) fn to_scalar(self) -> Option<ScalarValue> {
        match self {
            Self::Null => Some(ScalarValue::Null),
            Self::Bool(value) => Some(ScalarValue::Boolean(value)),
            Self::Str(text) => Some(ScalarValue::Str(text.into())),
            Self::Int(value) => Some(ScalarValue::Int(value)),
            Self::Timestamp(millis) => Some(ScalarValue::Timestamp(millis)),
            Self::Foreign => None,
        }
    }
}

/// One operation.
#[derive(Clone, Debug)]
pub(super) struct Operation<'a> {
    pub(super) action: Action,
    /// The map or text it writes to; `None` is the root.
    pub(super) object: Option<OpId>,
    pub(super) key: Key<'a>,
    /// Does it add a character after `key`?
    pub(super) insert: bool,
    pub(super) value: Value<'a>,
    predecessors: Range<usize>,
}

/// All operations of a change, in order.
pub(super) struct Operations<'a> {
    rows: Vec<Operation<'a>>,
    predecessors: Vec<OpId>,
}

impl<'a> Operations<'a> {
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, row: usize) -> Option<&Operation<'a>> {
        self.rows.get(row)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Operation<'a>)> {
        self.rows.iter().enumerate()
    }

    /// The operations that `operation` overwrites.
    pub(super) fn predecessors(&self, operation: &Operation<'a>) -> &[OpId] {
        &self.predecessors[operation.predecessors.clone()]
    }

    pub(super) fn read(columns: &Columns<'a>, actors: &[Author]) -> Result<Self, Refused> {
        let actions = runs(columns.action, Bytes::unsigned)?;
        let rows = actions.len();
        let actions = actions.required(rows)?;
        let object_actor = runs(columns.object_actor, Bytes::unsigned)?.optional(rows)?;
        let object_counter = runs(columns.object_counter, Bytes::unsigned)?.optional(rows)?;
        let key_actor = runs(columns.key_actor, Bytes::unsigned)?.optional(rows)?;
        let key_counter = differences(columns.key_counter)?.optional(rows)?;
        let key_name = runs(columns.key_name, Bytes::string)?.optional(rows)?;
        let insert = booleans(columns.insert)?.required(rows)?;
        let value_type = runs(columns.value_type, Bytes::unsigned)?.required(rows)?;
        let counts = runs(columns.predecessor_count, Bytes::unsigned)?.required(rows)?;
        let mut values = Bytes::new(columns.value);
        let mut names = Names { actors, used: vec![false; actors.len()] };
        let predecessors = names.list(columns)?;

        let mut next = 0;
        let mut operations = Vec::with_capacity(rows);
        for (row, action) in actions.into_iter().enumerate() {
            let object = match (object_actor.get(row), object_counter.get(row)) {
                (None, None) => None,
                (Some(actor), Some(counter)) => Some(names.id(actor, counter)?),
                _ => return Err(Refused::Operation { row, problem: "half an object" }),
            };
            let key = match (key_actor.get(row), key_counter.get(row), key_name.get(row)) {
                (None, None, Some(name)) => Key::Name(name),
                (None, Some(0), None) => Key::Head,
                (Some(actor), Some(counter), None) => Key::Element(names.id(actor, counter)?),
                _ => return Err(Refused::Operation { row, problem: "no key, or several" }),
            };
            let count = usize::try_from(counts[row]).unwrap_or(usize::MAX);
            let end = next + count.min(predecessors.len() + 1);
            let operation = Operation {
                action: read_action(action)?,
                object,
                key,
                insert: insert[row],
                value: read_value(value_type[row], &mut values)?,
                predecessors: next..end,
            };
            let overwritten = predecessors.get(next..end).ok_or(Refused::UnequalColumns)?;
            check_form(row, &operation, overwritten)?;
            operations.push(operation);
            next = end;
        }
        if next != predecessors.len() || !values.is_empty() {
            return Err(Refused::UnequalColumns);
        }
        names.check_all_used()?;
        Ok(Self { rows: operations, predecessors })
    }
}

/// Turns indexes into the change's list of actors into ids, and remembers which were used: Automerge drops an
/// unused actor when it writes the change back.
struct Names<'a> {
    actors: &'a [Author],
    used: Vec<bool>,
}

impl Names<'_> {
    fn id(&mut self, actor: u64, counter: u64) -> Result<OpId, Refused> {
        let index = usize::try_from(actor).map_err(|_| Refused::Malformed("actor index"))?;
        let actor = *self.actors.get(index).ok_or(Refused::Malformed("actor index"))?;
        if counter == 0 || counter > u64::from(u32::MAX) {
            return Err(Refused::CounterRange);
        }
        self.used[index] = true;
        Ok(OpId { counter, actor })
    }

    fn list(&mut self, columns: &Columns<'_>) -> Result<Vec<OpId>, Refused> {
        let actors: Rows<u64> = runs(columns.predecessor_actor, Bytes::unsigned)?;
        let rows = actors.len();
        let counters = differences(columns.predecessor_counter)?.required(rows)?;
        let actors = actors.required(rows)?;
        actors.into_iter().zip(counters).map(|(actor, counter)| self.id(actor, counter)).collect()
    }

    fn check_all_used(&self) -> Result<(), Refused> {
        // The author itself stands first and need not be named.
        if self.used.iter().skip(1).all(|used| *used) {
            Ok(())
        } else {
            Err(Refused::NotCanonical("the list of actors"))
        }
    }
}

fn read_action(code: u64) -> Result<Action, Refused> {
    match code {
        0 => Ok(Action::MakeMap),
        1 => Ok(Action::Put),
        3 => Ok(Action::Delete),
        4 => Ok(Action::MakeText),
        _ => Err(Refused::Action(code)),
    }
}

/// Reads one value: the low four bits say its type, the others how many bytes it has.
fn read_value<'a>(kind: u64, values: &mut Bytes<'a>) -> Result<Value<'a>, Refused> {
    let length = usize::try_from(kind >> 4).map_err(|_| Refused::Length)?;
    let raw = values.take(length)?;
    let number = || {
        let mut bytes = Bytes::new(raw);
        let value = bytes.signed()?;
        if bytes.is_empty() { Ok(value) } else { Err(Refused::Malformed("number")) }
    };
    match kind & 0b1111 {
        0..=2 if length > 0 => Err(Refused::NotCanonical("a value")),
        0 => Ok(Value::Null),
        1 => Ok(Value::Bool(false)),
        2 => Ok(Value::Bool(true)),
        4 => Ok(Value::Int(number()?)),
        6 => std::str::from_utf8(raw).map(Value::Str).map_err(|_| Refused::Malformed("string")),
        9 => Ok(Value::Timestamp(number()?)),
        _ => Ok(Value::Foreign),
    }
}

/// What every operation must obey, whatever the document: the combinations that Automerge itself writes for
/// maps and texts. Others it stores in another form than it read, or not at all.
fn check_form(row: usize, operation: &Operation<'_>, overwritten: &[OpId]) -> Result<(), Refused> {
    let problem = match (operation.key, operation.action) {
        _ if !overwritten.is_sorted_by(|a, b| a < b) => Some("predecessors out of order"),
        (_, Action::MakeMap | Action::MakeText | Action::Delete) if operation.value != Value::Null => {
            Some("a value where none can be")
        }
        (_, Action::Delete) if overwritten.is_empty() => Some("deletes nothing"),
        (Key::Name(_), _) => operation.insert.then_some("inserts into a map"),
        (Key::Head | Key::Element(_), Action::Put) => match operation.value {
            _ if !operation.insert => Some("replaces a character"),
            _ if !overwritten.is_empty() => Some("inserts over something"),
            Value::Str(text) if text.chars().count() == 1 => None,
            _ => Some("no character"),
        },
        (Key::Element(_), Action::Delete) => operation.insert.then_some("inserts a deletion"),
        (Key::Head, Action::Delete) => Some("deletes the beginning of a text"),
        (Key::Head | Key::Element(_), Action::MakeMap | Action::MakeText) => Some("an object inside a text"),
    };
    problem.map_or(Ok(()), |problem| Err(Refused::Operation { row, problem }))
}
