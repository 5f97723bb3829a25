//! Runs the benchmarks of the server: `bench [NAME…] [--json] [--quick] [--unrecorded]`, all of them without a name.
//! `bench export FILE WORK-ORDERS EDITS` writes down what they work with, for other systems to be measured with.

use std::path::Path;
use std::process::ExitCode;

use maintainpro_tests::bench::{Options, SERVER_COMMANDS, export, names, run};
use tikv_jemallocator::Jemalloc;

/// As the server has it.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [name, file, work_orders, edits] = arguments.as_slice()
        && name == "export"
    {
        let count = |number: &str| number.parse().map_err(anyhow::Error::from);
        let written =
            count(work_orders).and_then(|work_orders| export(Path::new(file), work_orders, count(edits)?));
        return exit_code(written);
    }
    if arguments.first().is_some_and(|first| SERVER_COMMANDS.contains(&first.as_str())) {
        return sync_server::commands::run();
    }
    let mut options = Options::default();
    for argument in arguments {
        match argument.as_str() {
            "--json" => options.json = true,
            "--quick" => options.quick = true,
            "--unrecorded" => options.unrecorded = true,
            name if names().any(|known| known == name) => options.names.push(argument),
            other => {
                eprintln!(
                    "there is no {other}; usage: bench [{}] [--json] [--quick] [--unrecorded]",
                    names().collect::<Vec<_>>().join("|")
                );
                return ExitCode::FAILURE;
            }
        }
    }
    exit_code(run(&options))
}

fn exit_code(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
