//! Faults on real servers, real networks and a real PostgreSQL: `chaos --server FILE --crashing-server FILE [--kills N]
//! [--postgres-stops N] [--partitions N] [--others N] [--seed S] [--json]`. `cargo xtask chaos` builds what it needs.

use std::process::ExitCode;

use maintainpro_tests::chaos::{BOUND, Options, report::Report, run};

const USAGE: &str = "usage: chaos --server FILE --crashing-server FILE [--kills N] [--postgres-stops N] \
                     [--partitions N] [--others N] [--seed S] [--json]";

fn main() -> ExitCode {
    let Some((options, json)) = read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    eprintln!("seed {}", options.seed);
    match tell(&options, json) {
        Ok(report) if report.is_fine() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("seed {}: {error:#}", options.seed);
            ExitCode::FAILURE
        }
    }
}

fn tell(options: &Options, json: bool) -> anyhow::Result<Report> {
    let report = tokio::runtime::Runtime::new()?.block_on(run(options))?;
    if json {
        report.print_json();
    } else {
        report.print();
    }
    Ok(report)
}

fn read(mut arguments: impl Iterator<Item = String>) -> Option<(Options, bool)> {
    let mut options = Options {
        server: "maintainpro".into(),
        crashing_server: "maintainpro".into(),
        seed: rand::random_range(0..1_000_000),
        kills: 0,
        postgres_stops: 0,
        partitions: 0,
        others: 0,
        bound: BOUND,
    };
    let mut json = false;
    while let Some(name) = arguments.next() {
        if name == "--json" {
            json = true;
            continue;
        }
        let value = arguments.next()?;
        match name.as_str() {
            "--server" => options.server = value.into(),
            "--crashing-server" => options.crashing_server = value.into(),
            "--seed" => options.seed = value.parse().ok()?,
            "--kills" => options.kills = value.parse().ok()?,
            "--postgres-stops" => options.postgres_stops = value.parse().ok()?,
            "--partitions" => options.partitions = value.parse().ok()?,
            "--others" => options.others = value.parse().ok()?,
            _ => return None,
        }
    }
    Some((options, json))
}
