//! Runs the simulator over a range of seeds: `simulator --seeds 0..200`. A failing seed prints itself and is kept in
//! `tests/simulator-seeds.txt`; run it alone with `--seed N --verbose` to read its story.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use maintainpro_tests::simulator::{Outcome, keep_seed, run_seed, run_seeds};

const USAGE: &str = "usage: simulator [--seeds FROM..TO] [--seed N [--verbose]]";

fn main() -> ExitCode {
    // A panic inside a story is caught and told with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => many("0..200"),
        ["--seeds", range] => many(range),
        ["--seed", seed] => one(seed, false),
        ["--seed", seed, "--verbose"] => one(seed, true),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::FAILURE
}

fn one(seed: &str, verbose: bool) -> ExitCode {
    let Ok(seed) = seed.parse() else { return usage() };
    if verbose {
        drop(std::panic::take_hook());
    }
    let outcome = run_seed(seed, verbose);
    println!("{outcome:?}");
    verdict(&[outcome])
}

fn many(range: &str) -> ExitCode {
    let ends = range.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    let Some((from, to)) = ends else { return usage() };
    let began = Instant::now();
    let (outcomes, trace) = run_seeds(from..to);
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    println!(
        "{} seeds in {:.1} s: {} events, {} commands, {} faults, {} lost races, {} refusals, \
         {} not understood, {} deletions, {} new roots, {} set aside",
        outcomes.len(),
        began.elapsed().as_secs_f64(),
        sum(|outcome| outcome.happened),
        outcomes.iter().map(|outcome| outcome.commands).sum::<usize>(),
        sum(|outcome| outcome.faults),
        sum(|outcome| outcome.races),
        sum(|outcome| outcome.refused),
        sum(|outcome| outcome.not_understood),
        outcomes.iter().map(|outcome| outcome.deleted).sum::<usize>(),
        outcomes.iter().map(|outcome| outcome.rerooted).sum::<usize>(),
        outcomes.iter().map(|outcome| outcome.set_aside).sum::<usize>(),
    );
    let hex = trace.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    println!("trace {hex}");
    verdict(&outcomes)
}

fn verdict(outcomes: &[Outcome]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for outcome in outcomes {
        if let Some(broken) = &outcome.broken {
            eprintln!("seed {} fails: {broken}", outcome.seed);
            match keep_seed(outcome.seed, broken) {
                Ok(file) => eprintln!("it is kept in {}", file.display()),
                Err(error) => eprintln!("it could not be kept: {error}"),
            }
            code = ExitCode::FAILURE;
        }
    }
    code
}
