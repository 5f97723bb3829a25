//! The mechanisms under every feature: the cluster, tenants, signing in, and how refusals look.

mod api_keys;
mod audit;
mod clumsy;
mod cluster;
mod commands;
mod demo;
mod directory;
mod email;
mod external_database;
mod health;
mod matrix;
mod open_sessions;
mod openapi;
mod people;
mod problems;
mod pwa;
mod quarantine;
mod refresh;
mod sessions;
mod settings;
mod sign_in;
mod tenancy;
mod tickets;
mod tls;
mod unreadable;
mod users;
