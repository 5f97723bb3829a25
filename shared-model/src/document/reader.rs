//! Reading a hydrated document without ever failing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use automerge::ScalarValue;
use automerge::hydrate::{Map, Value};

use crate::document::difference::shown;
use crate::document::{Anomaly, AnomalyKind};
use crate::instant::Timestamp;

/// The whole present value of a document, with what looked odd while it was read.
pub struct Hydrated {
    value: Value,
    anomalies: RefCell<Vec<Anomaly>>,
}

static EMPTY: LazyLock<Map> = LazyLock::new(Map::default);

impl Hydrated {
    pub(crate) const fn new(value: Value) -> Self {
        Self { value, anomalies: RefCell::new(Vec::new()) }
    }

    /// Reads the root map.
    pub fn root(&self) -> Reader<'_> {
        let map = match &self.value {
            Value::Map(map) => map,
            Value::Scalar(_) | Value::List(_) | Value::Text(_) => &EMPTY,
        };
        Reader { map, prefix: String::new(), anomalies: &self.anomalies }
    }

    /// The paths at which more than one value stands.
    pub(crate) fn concurrent_paths(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        if let Value::Map(map) = &self.value {
            concurrent_paths(map, &mut Vec::new(), &mut found);
        }
        found
    }

    /// All that was odd in what was read so far.
    pub fn anomalies(&self) -> Vec<Anomaly> {
        self.anomalies.borrow().clone()
    }
}

fn concurrent_paths(map: &Map, walked: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    for (key, entry) in map.iter() {
        walked.push(key.clone());
        if entry.conflict {
            found.push(walked.clone());
        }
        if let Value::Map(child) = &entry.value {
            concurrent_paths(child, walked, found);
        }
        walked.pop();
    }
}

/// A view of one map of a hydrated document.
pub struct Reader<'a> {
    map: &'a Map,
    prefix: String,
    anomalies: &'a RefCell<Vec<Anomaly>>,
}

impl Reader<'_> {
    /// Notes an oddity about the field `key` of this map.
    pub fn note(&self, key: &str, kind: AnomalyKind) {
        let field = format!("{}{key}", self.prefix);
        self.anomalies.borrow_mut().push(Anomaly { field, kind });
    }

    fn scalar(&self, key: &str) -> Option<&ScalarValue> {
        let entry = self.map.get_key_value(key).map(|(_, entry)| entry)?;
        if entry.conflict {
            self.note(key, AnomalyKind::Concurrent);
        }
        match &entry.value {
            Value::Scalar(ScalarValue::Null) => None,
            Value::Scalar(scalar) => Some(scalar),
            Value::Map(_) | Value::List(_) | Value::Text(_) => {
                self.note(key, AnomalyKind::WrongType);
                None
            }
        }
    }

    fn typed<T>(&self, key: &str, read: impl FnOnce(&ScalarValue) -> Option<T>) -> Option<T> {
        let scalar = self.scalar(key)?;
        let value = read(scalar);
        if value.is_none() {
            self.note(key, AnomalyKind::WrongType);
        }
        value
    }

    /// A string, if there is one.
    pub fn str(&self, key: &str) -> Option<String> {
        self.typed(key, |scalar| match scalar {
            ScalarValue::Str(text) => Some(text.to_string()),
            _ => None,
        })
    }

    /// A string that should be there; the empty string and an anomaly when it is not.
    pub fn required_str(&self, key: &str) -> String {
        let text = self.str(key);
        if text.is_none() {
            self.note(key, AnomalyKind::Missing);
        }
        text.unwrap_or_default()
    }

    /// A code understood by `parse`.
    pub fn code<T>(&self, key: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.str(key)?;
        let value = parse(&text);
        if value.is_none() {
            self.note(key, AnomalyKind::UnknownCode);
        }
        value
    }

    /// An id or other value with a text form.
    pub fn parsed<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        let text = self.str(key)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.note(key, AnomalyKind::WrongType);
        }
        value
    }

    /// A whole number.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.typed(key, |scalar| match scalar {
            ScalarValue::Int(value) => Some(*value),
            _ => None,
        })
    }

    /// True or false.
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.typed(key, |scalar| match scalar {
            ScalarValue::Boolean(value) => Some(*value),
            _ => None,
        })
    }

    /// A point in time.
    pub fn timestamp(&self, key: &str) -> Option<Timestamp> {
        self.typed(key, |scalar| match scalar {
            ScalarValue::Timestamp(millis) => Some(Timestamp::from_millis(*millis)),
            _ => None,
        })
    }

    /// A merged text; empty when absent.
    pub fn text(&self, key: &str) -> String {
        match self.map.get(key) {
            Some(Value::Text(text)) => shown(&text.to_string()).to_owned(),
            Some(_) => {
                self.note(key, AnomalyKind::WrongType);
                String::new()
            }
            None => String::new(),
        }
    }

    /// A child map; empty when absent.
    pub fn map(&self, key: &str) -> Self {
        let map = match self.map.get(key) {
            Some(Value::Map(map)) => map,
            Some(_) => {
                self.note(key, AnomalyKind::WrongType);
                &EMPTY
            }
            None => &EMPTY,
        };
        Self { map, prefix: format!("{}{key}/", self.prefix), anomalies: self.anomalies }
    }

    /// The keys of this map, sorted.
    pub fn keys(&self) -> BTreeSet<String> {
        self.map.keys().cloned().collect()
    }

    /// The maps inside this map with their keys, sorted by key; anything else is an anomaly.
    pub fn items(&self) -> Vec<(String, Self)> {
        self.keys().into_iter().map(|key| (key.clone(), self.map(&key))).collect()
    }

    /// The strings of a child map by key.
    pub fn strings(&self, key: &str) -> BTreeMap<String, String> {
        let map = self.map(key);
        map.keys().into_iter().filter_map(|key| map.str(&key).map(|text| (key, text))).collect()
    }

    /// The members of a set that are ids.
    pub fn ids<T: std::str::FromStr>(&self, key: &str) -> Vec<T> {
        self.set(key).iter().filter_map(|id| id.parse().ok()).collect()
    }

    /// The keys whose value is `true`: a set that two people may add to and take from.
    pub fn set(&self, key: &str) -> BTreeSet<String> {
        let set = self.map(key);
        set.keys().into_iter().filter(|item| set.bool(item) == Some(true)).collect()
    }
}
