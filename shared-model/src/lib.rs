//! The MaintainPro model: what maintenance work is, how it merges, and how it travels. The same crate runs in
//! the browser (wasm32) and in the server.
//!
//! Nothing here does IO, awaits, reads a clock or draws randomness: time, ids and bytes come in as arguments.
//!
//! * [`document`] — Automerge documents with a field table, a deterministic genesis and one edit door.
//! * [`record`] — immutable facts owned by a document.
//! * [`workspace`] — one command at work: documents in, changes and records out, or a [`workspace::Refusal`].
//! * [`input`] — what people type, checked alike everywhere.
//! * [`features`] — one folder a noun: its fields, commands, rules, and the summary row lists show.
//! * [`account`] — signing in, as both ends of the API see it.
//! * [`api_key`] — keys of programs, and how far they reach.
//! * [`custom_role`] — roles that an organisation makes itself, as both ends of the API see them.
//! * [`people`] — administering people and teams, as both ends of the API see it.
//! * [`organisation`] — what an organisation says of itself: name, colour, logo, language and time zone.
//! * [`personal_settings`] — what a person chose for themselves: language, time zone, notifications.
//! * [`second_factor`] — second factors and passkeys, as both ends of the API see them.
//! * [`directory`] — people, teams, devices and actors, as devices keep them.
//! * [`tree`] — circles in the trees of assets and locations.
//! * [`permission`] — roles, grants, scopes.
//! * [`gate`] — the structural checks on bytes from outside, before Automerge sees them.
//! * [`ingest`] — judging a pushed command: structure, authorship, rights per operation, merge on a copy.
//! * [`sync_protocol`] — the frames and the sans-IO session of both ends.
//! * [`tagged`] — enums whose tag stands among their fields, in JSON.
//! * [`replica`] — a device's copy: what becomes of documents when feed items, snapshots or refusals arrive.
//!
//! To add a feature: write `features/<noun>/` after the shape of `features/work_order/`, add its
//! [`document::DocumentKind`] or [`record::RecordKind`], and follow the compiler; `docs/ADDING_A_FEATURE.md`
//! shows the rest of the way.

pub mod account;
pub mod api_key;
pub mod audit;
mod codes;
pub mod custom_role;
pub mod directory;
pub mod document;
pub mod features;
pub mod gate;
pub mod hex;
pub mod identity;
pub mod ingest;
pub mod input;
pub mod instant;
mod named;
pub mod organisation;
pub mod people;
pub mod permission;
pub mod personal_settings;
pub mod record;
pub mod replica;
pub mod second_factor;
pub mod sync_protocol;
pub mod tagged;
pub mod tree;
pub mod units;
pub mod workspace;
