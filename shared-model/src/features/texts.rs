//! The long texts that commands write.

use super::{Command, asset, part, work_order};
use crate::document::TextEdit;
use crate::identity::DocumentId;
use crate::workspace::Aggregate;

/// A long text, with the document and the field it stands in.
type TextOf<'a> = (DocumentId, &'static str, &'a mut TextEdit);

impl Command {
    /// The long texts it writes.
    fn texts(&mut self) -> Vec<TextOf<'_>> {
        match self {
            Self::WorkOrder(work_order::Command::Edit { id, edits }) => {
                texts_of(*id, edits, work_order::FieldEdit::text)
            }
            Self::Asset(asset::Command::Edit { id, edits }) => texts_of(*id, edits, asset::FieldEdit::text),
            Self::Part(part::Command::Edit { id, edits }) => texts_of(*id, edits, part::FieldEdit::text),
            Self::WorkOrder(_)
            | Self::Asset(_)
            | Self::Part(_)
            | Self::LabourEntry(_)
            | Self::Comment(_)
            | Self::Location(_)
            | Self::Storeroom(_)
            | Self::StockMovement(_)
            | Self::MeterReading(_)
            | Self::Checklist(_)
            | Self::Cost(_)
            | Self::Conflict(_) => Vec::new(),
        }
    }

    /// Does every long text it writes say what it was typed over?
    pub fn says_what_it_was_typed_over(&self) -> bool {
        self.clone().texts().iter().all(|(_, _, edit)| edit.base.is_some())
    }

    /// The same as if it had been typed over what stands in these documents now: it says nothing of an earlier text.
    pub fn typed_over<'a>(mut self, now: impl Fn(DocumentId) -> Option<&'a Aggregate>) -> Self {
        for (id, field, edit) in self.texts() {
            let current = now(id).map(|aggregate| aggregate.document.hydrate().root().text(field));
            if let (Some(current), true) = (current, edit.base.is_some()) {
                *edit = TextEdit::over(current.clone(), edit.upon(&current));
            }
        }
        self
    }
}

fn texts_of<E>(
    id: DocumentId,
    edits: &mut [E],
    text: fn(&mut E) -> Option<(&'static str, &mut TextEdit)>,
) -> Vec<TextOf<'_>> {
    edits.iter_mut().filter_map(text).map(|(field, edit)| (id, field, edit)).collect()
}
