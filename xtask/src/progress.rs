//! Long steps say what they do and for how long: one line that counts seconds on a terminal, a sign of
//! life every half minute in a log.

use std::{
    io::{IsTerminal, Write},
    process::Command,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

const TERMINAL_TICK: Duration = Duration::from_secs(1);
const LOG_TICK: Duration = Duration::from_secs(30);

/// Does `work` while a line counts the seconds.
pub fn step<T>(label: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let terminal = std::io::stderr().is_terminal();
    let (done, ticks) = mpsc::channel::<()>();
    let outcome = thread::scope(|scope| {
        scope.spawn(move || {
            let tick = if terminal { TERMINAL_TICK } else { LOG_TICK };
            let (start, end) = if terminal { ("\r", "") } else { ("", "\n") };
            while ticks.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                eprint!("{start}{label}… {} s{end}", started.elapsed().as_secs());
                let _ = std::io::stderr().flush();
            }
        });
        let outcome = work();
        drop(done);
        outcome
    });
    let clear = if terminal { "\r" } else { "" };
    let word = if outcome.is_ok() { "" } else { ", and it did not work" };
    eprintln!("{clear}{label}… {:.1} s{word}", started.elapsed().as_secs_f32());
    outcome
}

/// Runs a command as a step; its output is shown only when it fails.
pub fn quiet(label: &str, command: &mut Command) -> Result<()> {
    step(label, || {
        let output = command.output().with_context(|| format!("could not start {}", shown(command)))?;
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            bail!("{}\n{} ended with {}", String::from_utf8_lossy(&said), shown(command), output.status);
        }
        Ok(())
    })
}

fn shown(command: &Command) -> String {
    crate::workspace::shown(command)
}
