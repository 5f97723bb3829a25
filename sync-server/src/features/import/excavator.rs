//! The `excavator` preset: `BscStartDate, Asset, OriginalShorttext, PMType, Cost`, one finished work order a row.

use std::collections::HashMap;
use std::io::Read;

use chrono::NaiveDate;
use encoding_rs::WINDOWS_1252;
use sha2::{Digest, Sha256};
use shared_model::features::work_order::{MAX_TITLE_BYTES, WorkType};
use shared_model::input::MAX_CODE_BYTES;
use shared_model::instant::Timestamp;
use shared_model::units::{Currency, Money};

/// The columns a file must begin with, in this order.
const COLUMNS: [&str; 5] = ["BscStartDate", "Asset", "OriginalShorttext", "PMType", "Cost"];

/// A row that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRow {
    /// Line of the file the row begins on, from 1.
    pub line: u64,
    /// SHA-256 of the row and how often it occurred before: the row's identity for ever.
    pub external: String,
    /// Tag of the asset.
    pub asset: String,
    /// What was done.
    pub title: String,
    /// The whole text when the title could not hold it.
    pub description: String,
    /// Why it was done.
    pub work_type: WorkType,
    /// The code as a tag, when it is not one of the two that become a type.
    pub tag: Option<String>,
    /// When it was done: noon UTC of the day, so that the day reads the same in every time zone.
    pub date: Timestamp,
    /// What it cost; `None` when unreadable.
    pub cost: Option<Money>,
    /// What to tell the person who imports.
    pub warnings: Vec<String>,
}

/// A row that cannot become a work order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    /// Line of the file the row begins on, from 1.
    pub line: u64,
    /// What is wrong and what to do about it.
    pub reason: String,
}

/// A file that is not one of this preset at all.
#[derive(Debug, thiserror::Error)]
pub enum NotThisPreset {
    /// The first line names other columns.
    #[error("the first line must be {expected}, but it is {found}", expected = COLUMNS.join(","))]
    Columns {
        /// What stands there.
        found: String,
    },
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Csv(#[from] csv::Error),
}

/// One row of the file.
pub type RowResult = Result<ImportedRow, RejectedRow>;

/// Reads the rows of a file: RFC 4180 quoting, `\` is an ordinary character. A bad row never stops the rest.
pub fn read(file: impl Read) -> Result<impl Iterator<Item = RowResult>, NotThisPreset> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let headers = reader.byte_headers()?;
    let found: Vec<String> =
        headers.iter().map(|cell| text(cell).0.trim_start_matches('\u{feff}').trim().to_owned()).collect();
    if found != COLUMNS {
        return Err(NotThisPreset::Columns { found: found.join(",") });
    }
    let mut occurrences: HashMap<[u8; 32], u32> = HashMap::new();
    Ok(reader.into_byte_records().map(move |record| {
        let record = record.map_err(|error| RejectedRow {
            line: error.position().map_or(0, csv::Position::line),
            reason: format!("the row cannot be read: {error}"),
        })?;
        row(&record, &mut occurrences)
    }))
}

/// A cell as text, and whether all of it was UTF-8. Old exports are often Windows-1252, and some files were put together
/// from both: what is not UTF-8 is read as that.
fn text(cell: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(cell.len());
    let mut is_utf8 = true;
    for chunk in cell.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        is_utf8 &= chunk.invalid().is_empty();
    }
    (text, is_utf8)
}

fn row(record: &csv::ByteRecord, occurrences: &mut HashMap<[u8; 32], u32>) -> RowResult {
    let line = record.position().map_or(0, csv::Position::line);
    let reject = |reason: String| Err(RejectedRow { line, reason });
    let (cells, are_utf8): (Vec<String>, Vec<bool>) = record.iter().map(text).unzip();
    let [date, asset, short_text, code, cost] = cells.as_slice() else {
        return reject(format!(
            "the row has {} cells instead of 5; quote cells that hold a comma",
            cells.len()
        ));
    };
    let Ok(day) = NaiveDate::parse_from_str(date.trim(), "%Y-%m-%d") else {
        return reject(format!("“{date}” is not a date like 2004-07-01"));
    };
    let asset = asset.trim();
    if asset.is_empty() || asset.len() > MAX_CODE_BYTES {
        return reject(format!("the asset must have a tag of 1 to {MAX_CODE_BYTES} bytes"));
    }
    // The database could not even be asked for a tag that holds a NUL.
    if asset.contains(char::is_control) {
        return reject("the asset has a tag with a character that cannot be printed".to_owned());
    }
    let full = short_text.trim();
    if full.is_empty() {
        return reject("the text is empty, so the work order would have no title".to_owned());
    }
    let mut warnings = Vec::new();
    if are_utf8.contains(&false) {
        warnings.push("the row is not UTF-8; it is read as Windows-1252".to_owned());
    }
    let cost = cost_of(cost, &mut warnings);
    let (work_type, tag) = type_of(code.trim(), &mut warnings);
    let title = title_of(full);
    let description = if title == full { String::new() } else { full.to_owned() };
    Ok(ImportedRow {
        line,
        external: external(record, occurrences),
        asset: asset.to_owned(),
        title,
        description,
        work_type,
        tag,
        date: Timestamp::from_millis(
            day.and_hms_opt(12, 0, 0).map_or(0, |at| at.and_utc().timestamp_millis()),
        ),
        cost,
        warnings,
    })
}

/// Costs are plain decimals of Australian dollars; negatives (credits) are kept.
fn cost_of(cell: &str, warnings: &mut Vec<String>) -> Option<Money> {
    let money = Money::parse(cell, Currency::AUD).ok();
    if money.is_none() {
        warnings.push(format!("“{cell}” is not a cost; the work order is imported without one"));
    }
    money
}

/// PM02 is preventive, PM01 corrective; any other code is corrective and stays as a tag.
fn type_of(code: &str, warnings: &mut Vec<String>) -> (WorkType, Option<String>) {
    match code {
        "PM02" => (WorkType::Preventive, None),
        "PM01" => (WorkType::Corrective, None),
        other => {
            let known =
                other.len() == 4 && other.starts_with("PM") && other[2..].bytes().all(|b| b.is_ascii_digit());
            if !known {
                warnings.push(format!(
                    "“{other}” is not a maintenance type; are the columns shifted by a comma?"
                ));
            }
            (WorkType::Corrective, tag_of(other))
        }
    }
}

/// A tag has 1 to 64 letters, digits, `_` or `-`.
fn tag_of(code: &str) -> Option<String> {
    let tag: String =
        code.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).take(64).collect();
    let tag = tag.trim_matches('-').to_owned();
    (!tag.is_empty()).then_some(tag)
}

/// The first line of the text, as far as a title goes, cut between characters; the rest stands in the description only.
fn title_of(full: &str) -> String {
    let line = full.lines().next().unwrap_or_default().trim();
    let mut end = line.len().min(MAX_TITLE_BYTES);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line[..end].to_owned()
}

/// Identity of a row: SHA-256 over its cells (each preceded by its length, so that no two rows share one) and
/// how often the same row occurred before it in the file.
fn external(record: &csv::ByteRecord, occurrences: &mut HashMap<[u8; 32], u32>) -> String {
    let mut hasher = Sha256::new();
    for cell in record {
        hasher.update((cell.len() as u64).to_le_bytes());
        hasher.update(cell);
    }
    let hash: [u8; 32] = hasher.finalize().into();
    let occurrence = occurrences.entry(hash).and_modify(|seen| *seen += 1).or_insert(0);
    let hex = hash.iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write;
        write!(hex, "{byte:02x}").ok();
        hex
    });
    format!("excavator:{hex}:{occurrence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(csv: &str) -> Vec<RowResult> {
        let file = format!("BscStartDate,Asset,OriginalShorttext,PMType,Cost\n{csv}");
        read(file.as_bytes()).unwrap().collect()
    }

    #[test]
    fn backslashes_quotes_and_line_breaks_stay_in_one_row() {
        let rows = rows(
            "2007-09-25,D,\"Lube fault \\A\\\"\" line\npressure too low\"\"\",PM01,340.4\n2007-09-26,D,x,PM02,0\n",
        );
        assert_eq!(rows.len(), 2);
        let first = rows[0].as_ref().unwrap();
        assert_eq!(first.title, "Lube fault \\A\\\" line");
        assert_eq!(first.description, "Lube fault \\A\\\" line\npressure too low\"");
        assert_eq!(first.cost.map(|cost| cost.minor), Some(34_040));
        assert_eq!(rows[1].as_ref().unwrap().work_type, WorkType::Preventive);
    }

    #[test]
    fn repeated_rows_are_different_work_orders_with_lasting_identities() {
        let csv = "2006-05-05,A,SWAP BUCKET,PM01,0\n2006-05-05,A,SWAP BUCKET,PM01,0\n";
        let identities = |rows: Vec<RowResult>| -> Vec<String> {
            rows.into_iter().map(|row| row.unwrap().external).collect()
        };
        let first = identities(rows(csv));
        assert_ne!(first[0], first[1]);
        assert_eq!(first, identities(rows(csv)));
        assert!(first.iter().all(|external| external.len() <= 80));
    }

    #[test]
    fn a_shifted_row_is_imported_without_cost_and_warned_about() {
        let rows = rows("2003-12-31,B,won,t swing,PM01\n");
        let row = rows[0].as_ref().unwrap();
        assert_eq!((row.title.as_str(), row.cost, row.tag.as_deref()), ("won", None, Some("t-swing")));
        assert_eq!(row.warnings.len(), 2);
    }

    #[test]
    fn bad_rows_say_what_to_do_and_stop_nothing() {
        let rows = rows(
            "31.12.2003,B,x,PM01,1\n2003-12-31,,x,PM01,1\n2003-12-31,B, ,PM01,1\n2003-12-31,B,a,b,c,d\n2003-12-31,B,good,PM06,-5.25\n",
        );
        let reasons: Vec<_> = rows.iter().filter_map(|row| row.as_ref().err()).collect();
        assert_eq!(reasons.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
        let good = rows[4].as_ref().unwrap();
        assert_eq!((good.cost.map(|cost| cost.minor), good.tag.as_deref()), (Some(-525), Some("PM06")));
    }

    #[test]
    fn what_is_not_utf8_is_read_as_windows_1252_and_told() {
        let read = |csv: &[u8]| {
            let file = [b"BscStartDate,Asset,OriginalShorttext,PMType,Cost\n", csv].concat();
            let row = read(file.as_slice()).unwrap().next().unwrap().unwrap();
            (row.asset, row.title, row.warnings.len())
        };
        let old = read(b"2004-07-01,K\xe4,\xd6l \x96 5 \x80,PM01,1\n");
        assert_eq!(old, ("Kä".to_owned(), "Öl – 5 €".to_owned(), 1));
        let new = read("2004-07-01,Kä,Öl – 5 €,PM01,1\n".as_bytes());
        assert_eq!(new, ("Kä".to_owned(), "Öl – 5 €".to_owned(), 0));
        let mixed = read(b"2004-07-01,K,\xc3\x96l \xd6l,PM01,1\n");
        assert_eq!(mixed, ("K".to_owned(), "Öl Öl".to_owned(), 1), "what is UTF-8 stays so");
    }

    #[test]
    fn a_file_of_another_kind_is_refused_whole() {
        let refused = read("Date;Asset\n".as_bytes()).err().map(|error| error.to_string());
        assert!(refused.is_some_and(|text| text.contains("BscStartDate") && text.contains("Date;Asset")));
    }
}
