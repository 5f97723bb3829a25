//! The sync engine between real devices, real servers and a real database.

mod adversity;
mod ahead;
mod automerge_repo;
mod chaos;
mod check;
mod convergence;
mod deleted;
mod deposits;
mod horizon;
mod hostile;
mod ingest;
mod interrupted;
mod ninety_days;
mod noisy_neighbour;
mod packs;
mod projection;
mod requester;
mod rerooted;
mod restore;
mod schema_steps;
mod tampered;
mod three_processes;
mod two_nodes;
mod websocket;
