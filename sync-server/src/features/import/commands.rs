//! Commands as `POST /api/commands` takes them, one JSON object a line: for whatever a script makes of another
//! system. Every line names its command, so that importing a file again changes nothing.

use std::io::{self, BufRead};

use serde::Deserialize;
use shared_model::features::Command;
use shared_model::identity::CommandId;
use shared_model::sync_protocol::CommandResult;
use uuid::Uuid;

use super::{CHUNK, Counts, Options, RejectedRow, Report, settled};
use crate::sync::{Sender, SyncNode, TypedCommand};

/// A line that was understood.
#[derive(Clone, Debug)]
pub struct CommandLine {
    line: u64,
    command: TypedCommand,
}

#[derive(Deserialize)]
struct Body {
    id: Uuid,
    command: Command,
}

/// Reads the lines of a file; empty ones do not count. A bad line never stops the rest.
pub fn read(file: impl BufRead) -> io::Result<Vec<Result<CommandLine, RejectedRow>>> {
    let mut lines = Vec::new();
    for (line, text) in (1..).zip(file.lines()) {
        let text = text?;
        if !text.trim().is_empty() {
            lines.push(parse(line, &text));
        }
    }
    Ok(lines)
}

fn parse(line: u64, text: &str) -> Result<CommandLine, RejectedRow> {
    let body: Body = serde_json::from_str(text)
        .map_err(|error| RejectedRow { line, reason: format!("this is no command with an id: {error}") })?;
    Ok(CommandLine { line, command: TypedCommand::new(CommandId::from_uuid(body.id), body.command) })
}

/// Executes the commands in order, as the server itself. A dry run keeps what it rehearsed, because a line may build upon
/// an earlier one. `progress` hears how many lines are done.
pub async fn execute(
    node: &SyncNode,
    options: &Options,
    lines: Vec<Result<CommandLine, RejectedRow>>,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> anyhow::Result<Report> {
    let total = lines.len();
    let mut report = Report { counts: Counts { rows: total, ..Counts::default() }, ..Report::default() };
    let mut good = Vec::with_capacity(total);
    for line in lines {
        match line {
            Ok(line) => good.push(line),
            Err(rejected) => report.reject(rejected.line, rejected.reason),
        }
    }
    let mut rehearsal = options.dry_run.then(|| node.rehearse(options.organisation));
    let mut done = total - good.len();
    for chunk in good.chunks(CHUNK) {
        let commands = chunk.iter().map(|line| line.command.clone()).collect();
        let results = match &mut rehearsal {
            Some(rehearsal) => rehearsal.execute(commands).await?,
            None => node.execute_patiently(options.organisation, &Sender::default(), commands).await,
        };
        tell(chunk, &results, &mut report);
        done += chunk.len();
        progress(done, total);
    }
    report.lines.sort_by_key(|line| line.line);
    Ok(report)
}

fn tell(chunk: &[CommandLine], results: &[CommandResult], report: &mut Report) {
    for (line, result) in chunk.iter().zip(results) {
        match settled(result) {
            Ok(true) => report.counts.imported += 1,
            Ok(false) => report.counts.unchanged += 1,
            Err(error) => report.reject(line.line, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_command_is_refused_alone() {
        let id = "01890000-0000-7000-8000-000000000001";
        let tag =
            format!(r#"{{"id":"{id}","command":{{"on":"work_order","do":"edit","id":"{id}","edits":[]}}}}"#);
        let file = format!("{tag}\n\n{{\"command\":{{}}}}\nnonsense\n{tag}\n");
        let lines: Vec<Result<u64, u64>> = read(file.as_bytes())
            .unwrap()
            .into_iter()
            .map(|line| line.map(|line| line.line).map_err(|rejected| rejected.line))
            .collect();
        assert_eq!(lines, [Ok(1), Err(3), Err(4), Ok(5)]);
    }
}
