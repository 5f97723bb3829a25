//! What a document said at some moment of its history, and what became of it between two: for people who ask who wrote what, and
//! what stood there before.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ChangeHash, ObjId, ObjType, Patch, PatchAction, Prop, ROOT, ReadDoc, Value};
use serde::{Deserialize, Serialize};

use super::Document;
use super::concurrent::FieldValue;
use super::difference::shown;

/// A field and what it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldLine {
    /// Path of the field, joined with `/`.
    pub field: String,
    /// The value; a text as a whole.
    pub value: FieldValue,
}

/// What became of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    /// Path of the field, joined with `/`.
    pub field: String,
    /// What it said; nothing where it was empty or not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<FieldValue>,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<FieldValue>,
}

type Path = Vec<String>;
type Leaves = BTreeMap<Path, FieldValue>;

impl Document {
    /// What one change did, upon what its author saw. `None`: it is not here.
    pub fn done_by(&self, change: &ChangeHash) -> Option<Vec<FieldChange>> {
        let deps = self.automerge().get_change_meta_by_hash(change)?.deps;
        Some(self.changed_between(&deps, &[*change]))
    }

    /// The fields that differ between two moments of this document, by path.
    pub fn changed_between(&self, before: &[ChangeHash], after: &[ChangeHash]) -> Vec<FieldChange> {
        let touched: BTreeSet<Path> =
            self.automerge().diff(before, after).iter().filter_map(path_of).collect();
        let mut changes = Vec::new();
        // A path stands before all that is below it.
        let mut covered: Option<Path> = None;
        for path in touched {
            if covered.as_ref().is_some_and(|above| path.starts_with(above)) {
                continue;
            }
            let (mut old, new) = (self.fields_at(&path, before), self.fields_at(&path, after));
            for (leaf, after) in new {
                let before = old.remove(&leaf);
                if before.as_ref() != Some(&after) {
                    changes.push(FieldChange { field: leaf.join("/"), before, after: Some(after) });
                }
            }
            let gone = old.into_iter().map(|(leaf, before)| FieldChange {
                field: leaf.join("/"),
                before: Some(before),
                after: None,
            });
            changes.extend(gone);
            covered = Some(path);
        }
        changes.sort_by(|one, other| one.field.cmp(&other.field));
        changes
    }

    /// All that it said at these heads, by path; what is empty is left out.
    pub fn said_at(&self, heads: &[ChangeHash]) -> Vec<FieldLine> {
        let leaves = self.fields_at(&[], heads).into_iter();
        leaves.map(|(path, value)| FieldLine { field: path.join("/"), value }).collect()
    }

    /// The heads of the history that these changes make, each with all that it was built upon.
    pub fn heads_of(&self, changes: impl IntoIterator<Item = ChangeHash>) -> Vec<ChangeHash> {
        let history = self.with_ancestors(changes);
        let metas = history.iter().filter_map(|hash| self.automerge().get_change_meta_by_hash(hash));
        let built_upon: BTreeSet<ChangeHash> = metas.flat_map(|meta| meta.deps).collect();
        history.difference(&built_upon).copied().collect()
    }

    /// These changes and all that they were built upon, as far as it is here.
    pub fn with_ancestors(&self, changes: impl IntoIterator<Item = ChangeHash>) -> BTreeSet<ChangeHash> {
        let mut open: Vec<ChangeHash> = changes.into_iter().collect();
        let mut found = BTreeSet::new();
        while let Some(hash) = open.pop() {
            let Some(meta) = self.automerge().get_change_meta_by_hash(&hash) else { continue };
            if found.insert(hash) {
                open.extend(meta.deps);
            }
        }
        found
    }

    /// The fields at a path and below it. What a document says of itself (its kind, its root) is none.
    fn fields_at(&self, path: &[String], heads: &[ChangeHash]) -> Leaves {
        let mut leaves = self.leaves_at(path, heads);
        leaves.retain(|path, _| self.kind().fields().field(path).is_some());
        leaves
    }

    /// The values at a path and below it.
    fn leaves_at(&self, path: &[String], heads: &[ChangeHash]) -> Leaves {
        let mut leaves = Leaves::new();
        let mut object = ROOT;
        for (depth, key) in path.iter().enumerate() {
            match self.automerge().get_at(&object, key.as_str(), heads) {
                Ok(Some((Value::Object(kind), id))) => {
                    object = id;
                    if kind == ObjType::Text {
                        self.gather(kind, &object, path[..=depth].to_vec(), heads, &mut leaves);
                        return leaves;
                    }
                }
                Ok(Some((value, _))) => {
                    let value = FieldValue::read(&value);
                    if value != FieldValue::Null {
                        leaves.insert(path[..=depth].to_vec(), value);
                    }
                    return leaves;
                }
                Ok(None) | Err(_) => return leaves,
            }
        }
        self.gather(ObjType::Map, &object, path.to_vec(), heads, &mut leaves);
        leaves
    }

    /// Depth is bounded by the field table: the gate lets nothing deeper in.
    fn gather(&self, kind: ObjType, object: &ObjId, path: Path, heads: &[ChangeHash], leaves: &mut Leaves) {
        let automerge = self.automerge();
        if kind == ObjType::Text {
            let text = automerge.text_at(object, heads).unwrap_or_default();
            if !text.is_empty() {
                leaves.insert(path, FieldValue::Str(shown(&text).to_owned()));
            }
            return;
        }
        for key in automerge.keys_at(object, heads) {
            let Ok(Some((value, id))) = automerge.get_at(object, key.as_str(), heads) else { continue };
            let mut path = path.clone();
            path.push(key);
            match value {
                Value::Object(kind) => self.gather(kind, &id, path, heads, leaves),
                scalar => {
                    let value = FieldValue::read(&scalar);
                    if value != FieldValue::Null {
                        leaves.insert(path, value);
                    }
                }
            }
        }
    }
}

/// The field that a patch is about. Lists are no part of any document.
fn path_of(patch: &Patch) -> Option<Path> {
    let mut path = Path::new();
    for (_, step) in &patch.path {
        let Prop::Map(key) = step else { return None };
        path.push(key.clone());
    }
    match &patch.action {
        PatchAction::PutMap { key, .. }
        | PatchAction::DeleteMap { key }
        | PatchAction::Increment { prop: Prop::Map(key), .. }
        | PatchAction::Conflict { prop: Prop::Map(key) } => path.push(key.clone()),
        _ => {}
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DocumentKind, EditError};
    use crate::identity::ActorId;
    use crate::instant::Timestamp;

    struct Story {
        document: Document,
        heads: Vec<Vec<ChangeHash>>,
    }

    impl Story {
        fn begin() -> Self {
            let document = Document::new(DocumentKind::WorkOrder);
            let heads = vec![document.heads()];
            Self { document, heads }
        }

        fn write(&mut self, edit: impl FnOnce(&mut crate::document::Edit) -> Result<(), EditError>) {
            self.document.edit(ActorId::from_bytes([1; 16]), Timestamp::from_millis(1_000), edit).unwrap();
            self.heads.push(self.document.heads());
        }
    }

    fn str(text: &str) -> Option<FieldValue> {
        Some(FieldValue::Str(text.to_owned()))
    }

    fn change(field: &str, before: Option<FieldValue>, after: Option<FieldValue>) -> FieldChange {
        FieldChange { field: field.to_owned(), before, after }
    }

    #[test]
    fn each_change_says_what_stood_there_before() {
        let mut story = Story::begin();
        story.write(|edit| {
            edit.put_str(&["title"], Some("Pump drips"))?;
            edit.put_str(&["priority"], Some("low"))
        });
        story.write(|edit| edit.put_str(&["priority"], Some("high")));
        story.write(|edit| edit.set_text(&["description"], "At the seal.\nSince Monday."));
        story.write(|edit| edit.set_text(&["description"], "At the seal.\nSince Tuesday."));
        story.write(|edit| edit.put_str(&["priority"], None));
        let done = |at: usize| story.document.done_by(&story.heads[at][0]).unwrap();
        assert_eq!(done(1), [change("priority", None, str("low")), change("title", None, str("Pump drips"))]);
        assert_eq!(done(2), [change("priority", str("low"), str("high"))]);
        assert_eq!(done(3), [change("description", None, str("At the seal.\nSince Monday."))]);
        let (monday, tuesday) = (str("At the seal.\nSince Monday."), str("At the seal.\nSince Tuesday."));
        assert_eq!(done(4), [change("description", monday, tuesday)]);
        assert_eq!(done(5), [change("priority", str("high"), None)]);
        assert_eq!(story.document.done_by(&ChangeHash([9; 32])), None);
    }

    #[test]
    fn an_item_that_comes_or_goes_is_told_field_by_field() {
        use automerge::hydrate::Value;
        let mut story = Story::begin();
        story.write(|edit| {
            let item =
                crate::document::item::map([("tag", Value::from("P-7")), ("name", Value::from("Pump"))]);
            edit.insert_item(&["assets", "a1"], &item)
        });
        story.write(|edit| edit.remove(&["assets", "a1"]));
        let (tag, name) = ("assets/a1/tag", "assets/a1/name");
        assert_eq!(
            story.document.done_by(&story.heads[1][0]).unwrap(),
            [change(name, None, str("Pump")), change(tag, None, str("P-7"))]
        );
        assert_eq!(
            story.document.done_by(&story.heads[2][0]).unwrap(),
            [change(name, str("Pump"), None), change(tag, str("P-7"), None)]
        );
        assert_eq!(story.document.changed_between(&story.heads[0], &story.heads[2]), []);
        let lines = story.document.said_at(&story.heads[1]);
        assert_eq!(lines.iter().map(|line| line.field.as_str()).collect::<Vec<_>>(), [name, tag]);
        assert_eq!(story.document.said_at(&story.heads[2]), []);
    }

    #[test]
    fn a_change_made_beside_others_is_told_upon_what_its_author_saw() {
        let mut story = Story::begin();
        story.write(|edit| edit.put_str(&["priority"], Some("low")));
        let mut elsewhere = story.document.clone();
        let there = ActorId::from_bytes([2; 16]);
        let (_, made) = elsewhere
            .edit(there, Timestamp::from_millis(2_000), |edit| edit.put_str(&["priority"], Some("critical")))
            .unwrap();
        story.write(|edit| edit.put_str(&["priority"], Some("high")));
        let made = automerge::Change::from_bytes(made[0].clone()).unwrap();
        let (mine, theirs) = (story.heads[2][0], made.hash());
        story.document.apply(vec![made]).unwrap();
        let document = &story.document;
        assert_eq!(document.done_by(&theirs).unwrap(), [change("priority", str("low"), str("critical"))]);
        assert_eq!(document.done_by(&mine).unwrap(), [change("priority", str("low"), str("high"))]);
        assert_eq!(document.heads_of([mine, theirs]), document.heads());
        assert_eq!(document.heads_of([theirs]), [theirs]);
        assert_eq!(document.heads_of(story.heads[1].clone()), story.heads[1]);
        assert!(
            document.with_ancestors([theirs]).is_superset(&document.with_ancestors(story.heads[1].clone()))
        );
        assert!(!document.with_ancestors([theirs]).contains(&mine));
    }
}
