//! Files that people import: work orders as CSV, and commands as lines of JSON.

use std::collections::BTreeSet;

use sync_server::features::import::{ImportedRow, RejectedRow, read_commands, read_excavator};

use super::{Answer, NOUNS, Target, golden, kind_of};

pub(super) const CSV: Target =
    Target { name: "import-csv", seeds: tables, words: CELLS, damage: |_, _| None, read: read_table };

pub(super) const COMMANDS: Target =
    Target { name: "import-commands", seeds: scripts, words: TOKENS, damage: |_, _| None, read: read_script };

const HEAD: &str = "BscStartDate,Asset,OriginalShorttext,PMType,Cost\n";
/// Titles are cut there.
const MAX_TITLE_BYTES: usize = 200;

const CELLS: &[&[u8]] = &[
    b",",
    b"\"",
    b"\"\"",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"2004-02-30",
    b"-262144-01-01",
    b"+262143-12-31",
    b"1e309",
    b"-0.004",
    b"9223372036854775807",
    b"92233720368547758.08",
    b"PM01",
    b"PM",
    b"=1+1",
    "👩\u{200d}🔧\u{301}".as_bytes(),
    b"BscStartDate,Asset,OriginalShorttext,PMType,Cost\n",
    &[b'"'; 100],
    &[b'x'; 300],
];

const TOKENS: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"{}",
    b"[",
    b"{\"id\":",
    b"null",
    b"1e999",
    b"-9223372036854775809",
    b"\"\\ud800\"",
    b"\"on\":\"work_order\"",
    b"\"do\":\"edit\"",
    b"\"edits\":[]",
    b"\"on\":\"asset\",",
    &[b'['; 500],
];

fn tables() -> Vec<Vec<u8>> {
    let rows = "2004-07-01,A,BUCKET WON'T OPEN,PM01,183.05\n2004-07-15,B,\"L/H BUCKET, CYL\n LEAKING\",PM02,-407.1\n";
    let odd = "2004-07-01,A,x,PM99,\n2004-07-01,A,x,PM01,1\n2004-07-01,A,x,PM01,1\n,,,,\n2004-07-01,A\n";
    [rows, odd].map(|rows| format!("{HEAD}{rows}").into_bytes()).to_vec()
}

fn scripts() -> Vec<Vec<u8>> {
    let wrapped =
        |line: &str| format!("{{\"id\":\"01890000-0000-7000-8000-000000000001\",\"command\":{line}}}\n");
    NOUNS
        .iter()
        .map(|(_, noun)| {
            let lines = String::from_utf8(golden(noun, "v1.commands.jsonl")).unwrap();
            lines.lines().map(wrapped).collect::<String>().into_bytes()
        })
        .collect()
}

fn read_table(input: &[u8]) -> Answer {
    let read = || read_excavator(input).map(Iterator::collect::<Vec<_>>);
    let rows = match read() {
        Ok(rows) => rows,
        Err(error) => return Ok(kind_of(&error.to_string())),
    };
    if read().ok().as_ref() != Some(&rows) {
        return Err("a file read twice is two files".to_owned());
    }
    let good: Vec<&ImportedRow> = rows.iter().flatten().collect();
    let names: BTreeSet<&str> = good.iter().map(|row| row.external.as_str()).collect();
    if names.len() != good.len() {
        return Err("two rows have one name".to_owned());
    }
    let is_odd = |row: &&&ImportedRow| {
        row.title.trim().is_empty()
            || row.title.len() > MAX_TITLE_BYTES
            || row.asset.is_empty()
            || row.asset.len() > 64
    };
    if let Some(row) = good.iter().find(is_odd) {
        return Err(format!("a row that no work order can hold: {row:?}"));
    }
    let reasons: BTreeSet<String> = rows.iter().filter_map(|row| row.as_ref().err()).map(reason).collect();
    Ok(format!("{} {}", good.len().min(4), reasons.into_iter().collect::<Vec<_>>().join("; ")))
}

fn reason(rejected: &RejectedRow) -> String {
    kind_of(&rejected.reason).chars().take(24).collect()
}

fn read_script(input: &[u8]) -> Answer {
    match read_commands(input) {
        Ok(lines) if lines.len() > input.iter().filter(|byte| **byte == b'\n').count() + 1 => {
            Err("there are more commands than lines".to_owned())
        }
        Ok(lines) => {
            let refused: BTreeSet<String> =
                lines.iter().filter_map(|line| line.as_ref().err()).map(reason).collect();
            let good = lines.iter().filter(|line| line.is_ok()).count();
            Ok(format!("{} {}", good.min(8), refused.into_iter().collect::<Vec<_>>().join("; ")))
        }
        Err(error) => Ok(kind_of(&error.to_string())),
    }
}
