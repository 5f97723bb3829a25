//! The sync engine between real devices, real servers and a real database.

mod ingest;
mod projection;
