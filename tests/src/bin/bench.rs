//! Runs the benchmarks of the server: `bench [NAME…] [--json] [--quick]`, all of them without a name.

use std::process::ExitCode;

use maintainpro_tests::bench::{Options, names, run};

fn main() -> ExitCode {
    let mut options = Options::default();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => options.json = true,
            "--quick" => options.quick = true,
            name if names().any(|known| known == name) => options.names.push(argument),
            other => {
                eprintln!(
                    "there is no {other}; usage: bench [{}] [--json] [--quick]",
                    names().collect::<Vec<_>>().join("|")
                );
                return ExitCode::FAILURE;
            }
        }
    }
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
