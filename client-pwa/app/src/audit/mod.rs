//! The audit trail on screen: who did what, what it was before and after, and taking it away as a file. It is asked of the
//! server: there is nothing to see here without a network.

mod api;
mod as_of;
mod page;
mod row;
mod timeline;
mod told;
mod witness;
mod words;

pub use page::AuditPage;
pub use timeline::TimelinePage;
pub use witness::AuditWitness;
