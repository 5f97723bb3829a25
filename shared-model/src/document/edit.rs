//! The one edit door: every write to a document goes through an [`Edit`], which checks the field table and
//! keeps changes small enough for the gate.

use automerge::transaction::{CommitOptions, OwnedTransaction, Transactable};
use automerge::{Automerge, AutomergeError, ObjId, ROOT, ReadDoc, ScalarValue, hydrate};

use crate::document::difference::{Difference, differences, shown, stored};
use crate::document::field::{Field, FieldTable, Shape};
use crate::document::step::{self, Step};
use crate::document::{DocumentKind, TEXT_ENCODING, TextEdit};
use crate::identity::ActorId;
use crate::instant::Timestamp;
use crate::permission::Permission;

/// Most operations an honest change carries; longer edits are split into several changes. Each change costs whoever
/// applies it a walk through all of the text it is for, so that fewer are better.
pub const MAX_CHANGE_OPS: usize = 4_000;
/// A difference of texts of more operations than this is split off what else is written.
const LONG: usize = 1_000;

/// A write that the field table or Automerge refuses: but for [`EditError::ServerTooOld`] a defect of a command,
/// never of its input.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// No such field in the field table.
    #[error("no field {0} in this kind of document")]
    UnknownField(String),
    /// The value does not fit the field's type or size.
    #[error("the value does not fit the field {0}")]
    WrongValue(String),
    /// The map that should hold the value does not exist.
    #[error("nothing at {0}")]
    MissingContainer(String),
    /// A rule about this field keeps its author from writing it.
    #[error("the field {0} is not theirs to write")]
    NotTheirs(String, Permission),
    /// The field came with a schema step that the server does not know yet.
    #[error("the server does not know the field {0} yet")]
    ServerTooOld(String),
    /// Automerge refused the operation.
    #[error(transparent)]
    Automerge(#[from] AutomergeError),
}

/// An open edit of one document by one actor.
pub struct Edit {
    fields: &'static FieldTable,
    actor: ActorId,
    now: Timestamp,
    transaction: Option<OwnedTransaction>,
    /// The document before the first split, to go back to when the command fails.
    before_split: Option<Automerge>,
    /// The schema steps that the document does not hold yet.
    to_come: Vec<&'static Step>,
    /// Fields of later schema steps are not written.
    schema: u8,
    /// Fields that a rule keeps from the author.
    kept: Vec<&'static Field>,
}

impl Edit {
    pub(crate) fn open(kind: DocumentKind, mut automerge: Automerge, actor: ActorId, now: Timestamp) -> Self {
        automerge.set_actor(actor.to_automerge());
        let is_here = |step: &&Step| automerge.get_change_meta_by_hash(&step.hash()).is_some();
        let to_come = step::all(kind).iter().filter(|step| !is_here(step)).collect();
        Self {
            fields: kind.fields(),
            actor,
            now,
            transaction: begin(automerge),
            before_split: None,
            to_come,
            schema: step::SCHEMA,
            kept: Vec::new(),
        }
    }

    /// Refuses writes to these fields.
    pub(crate) fn keep(&mut self, fields: Vec<&'static Field>) {
        self.kept = fields;
    }

    /// Does no rule keep this field from the author?
    pub fn may_write(&self, path: &[&str]) -> bool {
        self.kept.is_empty() || self.known(path).is_ok_and(|field| !self.keeps(field))
    }

    fn keeps(&self, field: &Field) -> bool {
        self.kept.iter().any(|kept| kept.path == field.path)
    }

    fn check_rules<S: AsRef<str>>(&self, field: &Field, path: &[S]) -> Result<(), EditError> {
        if self.keeps(field) { Err(EditError::NotTheirs(joined(path), field.permission)) } else { Ok(()) }
    }

    /// Refuses writes to fields that came after this schema step.
    pub(crate) const fn limit_to(&mut self, schema: u8) {
        self.schema = schema;
    }

    pub(crate) fn commit(mut self) -> Automerge {
        let options = CommitOptions::default().with_time(self.now.as_seconds());
        match self.transaction.take() {
            Some(transaction) => transaction.commit_with(options).0,
            None => Automerge::new_with_encoding(TEXT_ENCODING),
        }
    }

    pub(crate) fn abandon(mut self) -> Automerge {
        let current = self.transaction.take().map(|transaction| transaction.rollback().0);
        self.before_split.or(current).unwrap_or_else(|| Automerge::new_with_encoding(TEXT_ENCODING))
    }

    /// The actor that writes.
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    fn open_transaction(&mut self) -> Result<&mut OwnedTransaction, EditError> {
        self.transaction.as_mut().ok_or_else(|| EditError::MissingContainer("the document".to_owned()))
    }

    /// Commits what is pending as a change of its own, so that no change grows beyond [`MAX_CHANGE_OPS`].
    fn split(&mut self) {
        let Some(transaction) = self.transaction.take() else { return };
        if transaction.pending_ops() == 0 {
            self.transaction = Some(transaction);
            return;
        }
        let options = CommitOptions::default().with_time(self.now.as_seconds());
        let (automerge, _, _) = transaction.commit_with(options);
        self.transaction = begin(automerge);
    }

    fn remember_before_split(&mut self) {
        if self.before_split.is_none()
            && let Some(transaction) = self.transaction.take()
        {
            // Nothing of this edit may be lost, so the operations so far are committed in both copies only
            // when the edit succeeds; a failure goes back to the state without them.
            let heads = transaction.get_heads();
            let options = CommitOptions::default().with_time(self.now.as_seconds());
            let (automerge, _, _) = transaction.commit_with(options);
            self.before_split = automerge.fork_at(&heads).ok();
            let mut automerge = automerge;
            automerge.set_actor(self.actor.to_automerge());
            self.transaction = begin(automerge);
        }
    }

    /// Writes a scalar. Writing the value that already stands there alone changes nothing, so that saving a
    /// form does not make conflicts; writing it over concurrent values settles them.
    pub fn put(&mut self, path: &[&str], value: impl Into<ScalarValue>) -> Result<(), EditError> {
        let value = value.into();
        if value == ScalarValue::Null && self.is_to_come(self.known(path)?) {
            return Ok(());
        }
        let (parent, key) = self.scalar_place(path, &value)?;
        let transaction = self.open_transaction()?;
        let present = transaction.get_all(&parent, key)?;
        if let [(automerge::Value::Scalar(only), _)] = present.as_slice()
            && **only == value
        {
            return Ok(());
        }
        if present.is_empty() && value == ScalarValue::Null {
            return Ok(());
        }
        let is_disputed = present.len() > 1;
        self.check_rules(self.known(path)?, path)?;
        if is_disputed {
            return self.replace_all(&parent, key, value);
        }
        self.open_transaction()?.put(&parent, key, value)?;
        Ok(())
    }

    /// Writes a scalar even when the same value stands there: the decision itself is the change.
    pub fn settle(&mut self, path: &[&str], value: impl Into<ScalarValue>) -> Result<(), EditError> {
        let value = value.into();
        let (parent, key) = self.scalar_place(path, &value)?;
        self.check_rules(self.known(path)?, path)?;
        self.replace_all(&parent, key, value)
    }

    /// Takes everything away and writes anew. Over concurrent values Automerge makes a write of the shown one a
    /// mere deletion of the others; whoever chose another one at the same time would then win without a word.
    fn replace_all(&mut self, parent: &ObjId, key: &str, value: ScalarValue) -> Result<(), EditError> {
        let transaction = self.open_transaction()?;
        if transaction.get(parent, key)?.is_some() {
            transaction.delete(parent, key)?;
        }
        transaction.put(parent, key, value)?;
        Ok(())
    }

    /// Writes a string, or clears the field.
    pub fn put_str(&mut self, path: &[&str], value: Option<&str>) -> Result<(), EditError> {
        self.put(path, value.map_or(ScalarValue::Null, |text| ScalarValue::Str(text.into())))
    }

    /// Writes an id, or clears the field.
    pub fn put_id(&mut self, path: &[&str], value: Option<impl std::fmt::Display>) -> Result<(), EditError> {
        self.put_str(path, value.map(|id| id.to_string()).as_deref())
    }

    /// Writes a point in time, or clears the field.
    pub fn put_timestamp(&mut self, path: &[&str], value: Option<Timestamp>) -> Result<(), EditError> {
        self.put(path, value.map_or(ScalarValue::Null, |at| ScalarValue::Timestamp(at.as_millis())))
    }

    /// Writes a whole number, or clears the field.
    pub fn put_int(&mut self, path: &[&str], value: Option<i64>) -> Result<(), EditError> {
        self.put(path, value.map_or(ScalarValue::Null, ScalarValue::Int))
    }

    /// Adds a whole item (with everything in it) under a fresh key of a map, in one operation batch.
    pub fn insert_item(&mut self, path: &[&str], value: &hydrate::Value) -> Result<(), EditError> {
        self.check_tree(&mut path.iter().map(|key| (*key).to_owned()).collect(), value)?;
        self.make_way(path)?;
        let (parent, key) = self.place(path)?;
        self.open_transaction()?.batch_create_object(&parent, key, value, false)?;
        Ok(())
    }

    /// Does something stand there now?
    pub fn holds(&mut self, path: &[&str]) -> Result<bool, EditError> {
        if self.is_to_come(self.known(path)?) {
            return Ok(false);
        }
        let (parent, key) = self.place(path)?;
        Ok(self.open_transaction()?.get(&parent, key)?.is_some())
    }

    /// Removes an item from a map; removing what is not there changes nothing.
    pub fn remove(&mut self, path: &[&str]) -> Result<(), EditError> {
        if self.is_to_come(self.known(path)?) {
            return Ok(());
        }
        let (parent, key) = self.place(path)?;
        if self.open_transaction()?.get(&parent, key)?.is_some() {
            self.check_rules(self.known(path)?, path)?;
            self.open_transaction()?.delete(&parent, key)?;
        }
        Ok(())
    }

    /// Replaces a text by what a person typed: only the sentences and lines that differ, so that those that others
    /// typed at the same time survive. Long differences become several changes.
    pub fn set_text(&mut self, path: &[&str], new: &str) -> Result<(), EditError> {
        let field = self.known(path)?;
        let Shape::Text { max } = field.shape else {
            return Err(EditError::WrongValue(path.join("/")));
        };
        if new.chars().count() > max {
            return Err(EditError::WrongValue(path.join("/")));
        }
        if new.is_empty() && self.is_to_come(field) {
            return Ok(());
        }
        self.make_way(path)?;
        let (parent, key) = self.place(path)?;
        let transaction = self.open_transaction()?;
        let Some((_, text)) = transaction.get(&parent, key)? else {
            return Err(EditError::MissingContainer(path.join("/")));
        };
        let old = transaction.text(&text)?;
        let new = stored(new);
        if shown(&old) == shown(&new) {
            return Ok(());
        }
        self.check_rules(field, path)?;
        let changes = differences(&old, &new);
        let is_long = changes.iter().map(Difference::operations).sum::<usize>() > LONG;
        // From the end, so that the places of those before stay what they are.
        for change in changes.iter().rev() {
            if is_long {
                self.splice_in_pieces(&text, change)?;
            } else {
                let removed = isize::try_from(change.removed).unwrap_or(0);
                self.open_transaction()?.splice_text(&text, change.at, removed, &change.inserted)?;
            }
        }
        if is_long {
            self.split();
        }
        Ok(())
    }

    /// Writes what a person changed in a text over what stands there by now ([`TextEdit::upon`]).
    pub fn edit_text(&mut self, path: &[&str], edit: &TextEdit) -> Result<(), EditError> {
        let (parent, key) = self.place(path)?;
        let transaction = self.open_transaction()?;
        let current = match transaction.get(&parent, key)? {
            Some((_, text)) => transaction.text(&text)?,
            None => String::new(),
        };
        self.set_text(path, &edit.upon(shown(&current)))
    }

    /// However many pieces a difference has, the changes are full before there is another one.
    fn splice_in_pieces(&mut self, text: &ObjId, change: &Difference) -> Result<(), EditError> {
        self.remember_before_split();
        let mut removed = change.removed;
        while removed > 0 {
            let piece = removed.min(self.room()?);
            let delete = isize::try_from(piece).unwrap_or(0);
            self.open_transaction()?.splice_text(text, change.at, delete, "")?;
            removed -= piece;
        }
        let (mut at, mut inserted) = (change.at, change.inserted.chars());
        loop {
            let piece: String = inserted.by_ref().take(self.room()?).collect();
            if piece.is_empty() {
                return Ok(());
            }
            self.open_transaction()?.splice_text(text, at, 0, &piece)?;
            at += piece.chars().count();
        }
    }

    /// How many operations the change has room for that is being made; of a full one, the next.
    fn room(&mut self) -> Result<usize, EditError> {
        if self.open_transaction()?.pending_ops() >= MAX_CHANGE_OPS {
            self.split();
        }
        Ok(MAX_CHANGE_OPS.saturating_sub(self.open_transaction()?.pending_ops()))
    }

    fn known<S: AsRef<str>>(&self, path: &[S]) -> Result<&'static Field, EditError> {
        self.fields.field(path).ok_or_else(|| EditError::UnknownField(joined(path)))
    }

    /// Did this field come with a schema step that the document does not hold? Then nothing stands there.
    fn is_to_come(&self, field: &Field) -> bool {
        self.to_come.iter().any(|step| step.number() == field.step)
    }

    fn check_schema<S: AsRef<str>>(&self, field: &Field, path: &[S]) -> Result<(), EditError> {
        if field.step <= self.schema { Ok(()) } else { Err(EditError::ServerTooOld(joined(path))) }
    }

    /// Before a field is written: the schema step it came with, once a document.
    fn make_way(&mut self, path: &[&str]) -> Result<(), EditError> {
        let field = self.known(path)?;
        self.check_schema(field, path)?;
        let Some(place) = self.to_come.iter().position(|step| step.number() == field.step) else {
            return Ok(());
        };
        let step = self.to_come.remove(place);
        self.remember_before_split();
        self.split();
        let Some(transaction) = self.transaction.take() else { return Ok(()) };
        let (mut automerge, _) = transaction.rollback();
        let applied = automerge.apply_changes([step.change().clone()]);
        self.transaction = begin(automerge);
        Ok(applied?)
    }

    fn scalar_place<'p>(
        &mut self,
        path: &[&'p str],
        value: &ScalarValue,
    ) -> Result<(ObjId, &'p str), EditError> {
        if !self.known(path)?.shape.accepts(value) {
            return Err(EditError::WrongValue(path.join("/")));
        }
        self.make_way(path)?;
        self.place(path)
    }

    /// The object that holds the last key of `path`.
    fn place<'p>(&mut self, path: &[&'p str]) -> Result<(ObjId, &'p str), EditError> {
        let Some((last, parents)) = path.split_last() else {
            return Err(EditError::UnknownField(String::new()));
        };
        let transaction = self.open_transaction()?;
        let mut parent = ROOT;
        for key in parents {
            match transaction.get(&parent, *key)? {
                Some((automerge::Value::Object(_), id)) => parent = id,
                _ => return Err(EditError::MissingContainer(path.join("/"))),
            }
        }
        Ok((parent, last))
    }

    fn check_tree(&self, path: &mut Vec<String>, value: &hydrate::Value) -> Result<(), EditError> {
        let field = self.known(path)?;
        self.check_schema(field, path)?;
        self.check_rules(field, path)?;
        let fits = match (value, field.shape) {
            (hydrate::Value::Map(map), Shape::Map) => {
                for (key, entry) in map.iter() {
                    path.push(key.clone());
                    self.check_tree(path, &entry.value)?;
                    path.pop();
                }
                true
            }
            (hydrate::Value::Text(text), Shape::Text { max }) => text.to_string().chars().count() <= max,
            (hydrate::Value::Scalar(scalar), shape) => shape.accepts(scalar),
            _ => false,
        };
        if fits { Ok(()) } else { Err(EditError::WrongValue(path.join("/"))) }
    }
}

fn joined<S: AsRef<str>>(path: &[S]) -> String {
    path.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("/")
}

fn begin(automerge: Automerge) -> Option<OwnedTransaction> {
    // A fresh transaction without a patch log cannot mismatch one.
    automerge.into_transaction(None, None).ok()
}
