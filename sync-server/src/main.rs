//! `maintainpro`, the server and its commands.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// Documents are thousands of small allocations, made on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    sync_server::commands::run()
}
