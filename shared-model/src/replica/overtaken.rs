//! Fields that somebody else wrote in the meantime, where a document has a new root: what a change would overwrite cannot
//! stand beside it any more, so the person decides.

use automerge::{Change, ObjType, ReadDoc, ScalarValue, Value};

use crate::document::Document;
use crate::gate::{self, Binding, WriteKind};

/// The first field that `change`, made upon `dead`, would overwrite although its author did not see what stands there now
/// in `server`; `None`: it may be done again. Where `keeps_texts`, each
/// text says what it was typed over, and overwrites nothing.
pub(super) fn overtaken(
    (change, keeps_texts): (&Change, bool),
    dead: &Document,
    server: &Document,
) -> Option<String> {
    // What cannot be told is for the person to see.
    let unknown = || Some(server.kind().code().to_owned());
    let (Some(before), Some(after)) = (dead.at(change.deps()), dead.at(&[change.hash()])) else {
        return unknown();
    };
    let checked = match gate::check_change(&before, change.raw_bytes(), |_| Binding::Device) {
        Ok(gate::Verdict::New(checked)) => checked,
        Ok(gate::Verdict::Held(_)) | Err(_) => return unknown(),
    };
    let writes = checked.writes.iter().filter(|write| write.kind != WriteKind::Text || !keeps_texts);
    let overtaken = writes.map(|write| &write.path).find(|path| {
        let now = value_at(server, path);
        now != value_at(&before, path) && now != value_at(&after, path)
    });
    overtaken.map(|path| path.join("/"))
}

/// The scalar or the text at a path; `None` where there is nothing, or a map.
fn value_at(document: &Document, path: &[String]) -> Option<ScalarValue> {
    let (key, parents) = path.split_last()?;
    let parent = document.object_at(parents)?;
    match document.automerge().get(&parent, key.as_str()).ok()?? {
        (Value::Scalar(scalar), _) => Some(scalar.into_owned()),
        (Value::Object(ObjType::Text), text) => document.automerge().text(&text).ok().map(Into::into),
        (Value::Object(_), _) => None,
    }
}
