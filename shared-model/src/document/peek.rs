//! Reading a few values without hydrating the whole document: what authorisation asks for again and again.

use automerge::{ObjId, ROOT, ReadDoc, ScalarValue, Value};

use crate::document::Document;

impl Document {
    /// The object at this path; the root for an empty one.
    pub(crate) fn object_at<S: AsRef<str>>(&self, path: &[S]) -> Option<ObjId> {
        path.iter().try_fold(ROOT, |parent, key| match self.automerge().get(&parent, key.as_ref()) {
            Ok(Some((Value::Object(_), child))) => Some(child),
            _ => None,
        })
    }

    /// The value of a string field of the root, if it reads as `T`.
    pub fn peek<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        match self.automerge().get(ROOT, key) {
            Ok(Some((Value::Scalar(scalar), _))) => match scalar.as_ref() {
                ScalarValue::Str(text) => text.parse().ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The members of a set of the root that read as `T`, in the order of their keys.
    pub fn peek_set<T: std::str::FromStr>(&self, key: &str) -> Vec<T> {
        let Some(set) = self.object_at(&[key]) else { return Vec::new() };
        let holds = |member: &String| {
            let value = self.automerge().get(&set, member.as_str());
            matches!(value, Ok(Some((Value::Scalar(scalar), _))) if *scalar == ScalarValue::Boolean(true))
        };
        self.automerge().keys(&set).filter(holds).filter_map(|member| member.parse().ok()).collect()
    }
}
