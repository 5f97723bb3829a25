//! Why the database on the device does not do what it should.

use client_bridge::StorageTrouble;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, Event, IdbRequest, IdbTransaction};

/// A read or a transaction that failed; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another engine has taken over: this one must not write any more.
    #[error("another engine has taken over")]
    Superseded,
    /// There is no space left.
    #[error("the device is full: {0}")]
    Full(String),
    /// It is locked, and whoever started this engine has not unlocked it.
    #[error("the database is locked")]
    Locked,
    /// The connection is lost or the browser refuses.
    #[error("the database is not available: {0}")]
    Unavailable(String),
}

impl StoreError {
    /// What to tell people.
    pub fn trouble(&self) -> StorageTrouble {
        let code = match self {
            Self::Full(_) => "quota",
            Self::Locked => StorageTrouble::LOCKED,
            Self::Superseded | Self::Unavailable(_) => "unavailable",
        };
        StorageTrouble { code: code.to_owned(), detail: self.to_string() }
    }

    /// Reads what a promise, an event or a call threw.
    pub fn of_js(thrown: &JsValue) -> Self {
        let exception = thrown
            .dyn_ref::<Event>()
            .and_then(exception_of)
            .or_else(|| thrown.dyn_ref::<DomException>().cloned());
        match exception {
            Some(error) if error.name() == "QuotaExceededError" => Self::Full(error.message()),
            Some(error) => Self::Unavailable(format!("{}: {}", error.name(), error.message())),
            None => Self::Unavailable(format!("{thrown:?}")),
        }
    }
}

/// The error behind an `error` or `abort` event of a request or a transaction.
fn exception_of(event: &Event) -> Option<DomException> {
    let target = event.target()?;
    if let Some(request) = target.dyn_ref::<IdbRequest>() {
        return request.error().ok().flatten();
    }
    target.dyn_ref::<IdbTransaction>().and_then(IdbTransaction::error)
}

impl From<rexie::Error> for StoreError {
    fn from(error: rexie::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}
