//! The audit trail on screen: who did what, what it was before and after, and taking it away as a file. It is asked of the
//! server: there is nothing to see here without a network.

mod api;
mod page;
mod row;
mod witness;
mod words;

pub use page::AuditPage;
pub use witness::AuditWitness;
