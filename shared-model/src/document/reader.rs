//! Reading a hydrated document without ever failing.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use automerge::iter::{DocItem, DocIter};
use automerge::{ObjId, ObjType, ROOT, ScalarValueRef as Scalar, ValueRef};

use crate::document::difference::shown;
use crate::document::{Anomaly, AnomalyKind};
use crate::instant::Timestamp;

/// The whole present value of a document, with what looked odd while it was read. Read in one go: to ask Automerge for
/// one object after the other takes three times as long.
pub struct Hydrated<'d> {
    /// The root first.
    maps: Vec<Vec<Entry<'d>>>,
    texts: Vec<String>,
    anomalies: RefCell<Vec<Anomaly>>,
}

/// The value that is shown under a key of a map.
struct Entry<'d> {
    key: Cow<'d, str>,
    value: Value<'d>,
    /// Others were written at the same time.
    conflict: bool,
}

#[derive(Clone)]
enum Value<'d> {
    Scalar(Scalar<'d>),
    /// By place in the hydrated document.
    Map(usize),
    /// By place in the hydrated document.
    Text(usize),
    /// No field is one.
    List,
}

impl<'d> Hydrated<'d> {
    pub(crate) fn new(items: DocIter<'d>) -> Self {
        let mut hydrated =
            Self { maps: vec![Vec::new()], texts: Vec::new(), anomalies: RefCell::new(Vec::new()) };
        let mut objects = HashMap::from([(ROOT, Value::Map(0))]);
        for item in items {
            match (objects.get(&*item.obj), item.item) {
                (Some(Value::Map(place)), DocItem::Map(item)) => {
                    let (place, id) = (*place, item.id());
                    let value = match item.value {
                        ValueRef::Scalar(scalar) => Value::Scalar(scalar),
                        ValueRef::Object(kind) => hydrated.begin(kind, id, &mut objects),
                    };
                    hydrated.maps[place].push(Entry { key: item.key, value, conflict: item.conflict });
                }
                (Some(Value::Text(place)), DocItem::Text(span)) => {
                    hydrated.texts[*place].push_str(span.as_str());
                }
                _ => {}
            }
        }
        debug_assert!(hydrated.maps.iter().all(|map| map.is_sorted_by_key(|entry| &entry.key)));
        hydrated
    }

    /// An object whose content is still to come.
    fn begin(&mut self, kind: ObjType, id: ObjId, objects: &mut HashMap<ObjId, Value<'d>>) -> Value<'d> {
        let value = match kind {
            ObjType::Map | ObjType::Table => {
                self.maps.push(Vec::new());
                Value::Map(self.maps.len() - 1)
            }
            ObjType::Text => {
                self.texts.push(String::new());
                Value::Text(self.texts.len() - 1)
            }
            ObjType::List => Value::List,
        };
        objects.insert(id, value.clone());
        value
    }

    /// Reads the root map.
    pub fn root(&self) -> Reader<'_> {
        Reader { hydrated: self, map: &self.maps[0], prefix: String::new() }
    }

    /// The paths at which more than one value stands.
    pub(crate) fn concurrent_paths(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        self.concurrent_paths_in(&self.maps[0], &mut Vec::new(), &mut found);
        found
    }

    fn concurrent_paths_in<'m>(
        &'m self,
        map: &'m [Entry<'d>],
        walked: &mut Vec<&'m str>,
        found: &mut Vec<Vec<String>>,
    ) {
        for entry in map {
            walked.push(&entry.key);
            if entry.conflict {
                found.push(walked.iter().map(|key| (*key).to_owned()).collect());
            }
            if let Value::Map(child) = entry.value {
                self.concurrent_paths_in(&self.maps[child], walked, found);
            }
            walked.pop();
        }
    }

    /// All that was odd in what was read so far.
    pub fn anomalies(&self) -> Vec<Anomaly> {
        self.anomalies.borrow().clone()
    }
}

/// A view of one map of a hydrated document.
pub struct Reader<'a> {
    hydrated: &'a Hydrated<'a>,
    map: &'a [Entry<'a>],
    prefix: String,
}

impl Reader<'_> {
    /// Notes an oddity about the field `key` of this map.
    pub fn note(&self, key: &str, kind: AnomalyKind) {
        let field = format!("{}{key}", self.prefix);
        self.hydrated.anomalies.borrow_mut().push(Anomaly { field, kind });
    }

    fn entry(&self, key: &str) -> Option<&Entry<'_>> {
        let place = self.map.binary_search_by(|entry| (*entry.key).cmp(key)).ok()?;
        Some(&self.map[place])
    }

    fn scalar(&self, key: &str) -> Option<&Scalar<'_>> {
        let entry = self.entry(key)?;
        if entry.conflict {
            self.note(key, AnomalyKind::Concurrent);
        }
        match &entry.value {
            Value::Scalar(Scalar::Null) => None,
            Value::Scalar(scalar) => Some(scalar),
            Value::Map(_) | Value::List | Value::Text(_) => {
                self.note(key, AnomalyKind::WrongType);
                None
            }
        }
    }

    fn typed<T>(&self, key: &str, read: impl FnOnce(&Scalar<'_>) -> Option<T>) -> Option<T> {
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
            Scalar::Str(text) => Some(text.to_string()),
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
            Scalar::Int(value) => Some(*value),
            _ => None,
        })
    }

    /// True or false.
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.typed(key, |scalar| match scalar {
            Scalar::Boolean(value) => Some(*value),
            _ => None,
        })
    }

    /// A point in time.
    pub fn timestamp(&self, key: &str) -> Option<Timestamp> {
        self.typed(key, |scalar| match scalar {
            Scalar::Timestamp(millis) => Some(Timestamp::from_millis(*millis)),
            _ => None,
        })
    }

    /// A merged text; empty when absent.
    pub fn text(&self, key: &str) -> String {
        match self.entry(key).map(|entry| &entry.value) {
            Some(Value::Text(place)) => shown(&self.hydrated.texts[*place]).to_owned(),
            Some(_) => {
                self.note(key, AnomalyKind::WrongType);
                String::new()
            }
            None => String::new(),
        }
    }

    /// A child map; empty when absent.
    pub fn map(&self, key: &str) -> Self {
        let map = match self.entry(key).map(|entry| &entry.value) {
            Some(Value::Map(place)) => &self.hydrated.maps[*place][..],
            Some(_) => {
                self.note(key, AnomalyKind::WrongType);
                &[]
            }
            None => &[],
        };
        Self { hydrated: self.hydrated, map, prefix: format!("{}{key}/", self.prefix) }
    }

    /// The keys of this map, sorted.
    pub fn keys(&self) -> BTreeSet<String> {
        self.map.iter().map(|entry| entry.key.clone().into_owned()).collect()
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

#[cfg(test)]
mod tests {
    use automerge::transaction::Transactable;
    use automerge::{Automerge, ReadDoc, hydrate};

    use super::*;

    /// Two branches that met: texts, maps and values of every kind, empty ones, ones that are gone, and what both wrote.
    fn met() -> Automerge {
        let mut one = Automerge::new();
        one.transact::<_, _, automerge::AutomergeError>(|tx| {
            tx.put(ROOT, "word", "größer")?;
            tx.put(ROOT, "number", -7)?;
            tx.put(ROOT, "gone", true)?;
            tx.put_object(ROOT, "empty map", ObjType::Map)?;
            tx.put_object(ROOT, "empty text", ObjType::Text)?;
            let list = tx.put_object(ROOT, "list", ObjType::List)?;
            tx.insert(&list, 0, "element")?;
            let inner = tx.insert_object(&list, 1, ObjType::Map)?;
            tx.put(&inner, "inside", "a list")?;
            let text = tx.put_object(ROOT, "text", ObjType::Text)?;
            tx.splice_text(&text, 0, 0, "one two three")?;
            for item in ["a", "b", "c"] {
                let map = tx.put_object(ROOT, item, ObjType::Map)?;
                let inner = tx.put_object(&map, "inner", ObjType::Map)?;
                tx.put(&inner, "x", 1_i64)?;
                tx.put(&map, "at", automerge::ScalarValue::Timestamp(5))?;
                let remark = tx.put_object(&map, "remark", ObjType::Text)?;
                tx.splice_text(&remark, 0, 0, item)?;
            }
            Ok(())
        })
        .unwrap();
        let mut other = one.fork();
        one.transact::<_, _, automerge::AutomergeError>(|tx| {
            tx.put(ROOT, "word", "kleiner")?;
            tx.delete(ROOT, "gone")?;
            tx.delete(ROOT, "b")?;
            tx.put_object(ROOT, "both", ObjType::Map)?;
            let (_, text) = tx.get(ROOT, "text")?.unwrap();
            tx.splice_text(&text, 4, 3, "2")?;
            Ok(())
        })
        .unwrap();
        other
            .transact::<_, _, automerge::AutomergeError>(|tx| {
                tx.put(ROOT, "word", "klein")?;
                let both = tx.put_object(ROOT, "both", ObjType::Map)?;
                tx.put(&both, "from", "the other")?;
                let (_, text) = tx.get(ROOT, "text")?.unwrap();
                tx.splice_text(&text, 0, 3, "1")?;
                let (_, a) = tx.get(ROOT, "a")?.unwrap();
                tx.delete(&a, "inner")?;
                Ok(())
            })
            .unwrap();
        one.merge(&mut other).unwrap();
        one
    }

    fn assert_same(hydrated: &Hydrated<'_>, map: &[Entry<'_>], of: &hydrate::Value) {
        let hydrate::Value::Map(expected) = of else { panic!("not a map: {of:?}") };
        let keys: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
        assert!(map.iter().map(|entry| &*entry.key).eq(keys), "the same keys, in order");
        for entry in map {
            let (_, found) = expected.get_key_value(&*entry.key).unwrap();
            assert_eq!(entry.conflict, found.conflict, "{}", entry.key);
            match (&entry.value, &found.value) {
                (Value::Scalar(scalar), hydrate::Value::Scalar(expected)) => {
                    assert_eq!(&automerge::ScalarValue::from(scalar.clone()), expected);
                }
                (Value::Map(place), of) => assert_same(hydrated, &hydrated.maps[*place], of),
                (Value::Text(place), hydrate::Value::Text(text)) => {
                    assert_eq!(hydrated.texts[*place], text.to_string());
                }
                (Value::List, hydrate::Value::List(_)) => {}
                (_, other) => panic!("{}: {other:?}", entry.key),
            }
        }
    }

    /// Five branches of a few hundred objects, of which each wrote, wrote on and took away at random, met.
    fn grown(seed: u64) -> Automerge {
        let mut dice = seed;
        let mut roll = |sides: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % sides
        };
        let mut document = Automerge::new();
        for _ in 0..4 {
            let mut branches: Vec<Automerge> = (0..5).map(|_| document.fork()).collect();
            for branch in &mut branches {
                let mut tx = branch.transaction();
                for _ in 0..80 {
                    let key = format!("key {}", roll(150));
                    let inner = match tx.get(ROOT, &key).unwrap() {
                        Some((automerge::Value::Object(ObjType::Map), id)) => Some(id),
                        _ => None,
                    };
                    match (roll(6), inner) {
                        (0, _) => tx.delete(ROOT, &key).unwrap(),
                        (1 | 2, Some(map)) => tx.put(&map, format!("{}", roll(9)), roll(99)).unwrap(),
                        (3, Some(map)) => {
                            let text = tx.put_object(&map, "text", ObjType::Text).unwrap();
                            tx.splice_text(&text, 0, 0, &"ab ".repeat(roll(40) as usize)).unwrap();
                        }
                        (4, _) => tx.put(ROOT, &key, roll(99)).unwrap(),
                        _ => drop(tx.put_object(ROOT, &key, ObjType::Map).unwrap()),
                    }
                }
                tx.commit();
            }
            for branch in &mut branches {
                document.merge(branch).unwrap();
            }
        }
        document
    }

    #[test]
    fn however_large_a_document_grows_one_pass_reads_all_of_it() {
        for seed in 0..8 {
            let document = grown(seed);
            let hydrated = Hydrated::new(document.iter());
            assert!(hydrated.maps.len() > 50, "seed {seed}: {} maps", hydrated.maps.len());
            assert!(!hydrated.concurrent_paths().is_empty(), "seed {seed}");
            assert_same(&hydrated, &hydrated.maps[0], &document.hydrate(None));
        }
    }

    #[test]
    fn one_pass_reads_what_automerge_reads_object_by_object() {
        let document = met();
        let hydrated = Hydrated::new(document.iter());
        assert_same(&hydrated, &hydrated.maps[0], &document.hydrate(None));
        assert_eq!(hydrated.root().text("text"), "1 2 three");
        assert_eq!(hydrated.concurrent_paths(), [vec!["both"], vec!["word"]]);
    }
}
