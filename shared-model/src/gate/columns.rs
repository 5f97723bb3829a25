//! The columns of a change: which there may be, and how their runs unfold.
//!
//! A run of a few bytes can claim any number of rows, so every run is counted against the limit before it
//! unfolds. Only the canonical encoding passes, the one Automerge writes itself: it keeps operations, not
//! bytes, and a change that it writes back differently has another hash, which makes the document unloadable.

use super::bytes::Bytes;
use super::{LIMITS, Measure, Refused};

/// The bytes of each column; empty where a change has none.
#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) object_actor: &'a [u8],
    pub(super) object_counter: &'a [u8],
    pub(super) key_actor: &'a [u8],
    pub(super) key_counter: &'a [u8],
    pub(super) key_name: &'a [u8],
    pub(super) insert: &'a [u8],
    pub(super) action: &'a [u8],
    pub(super) value_type: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) predecessor_count: &'a [u8],
    pub(super) predecessor_actor: &'a [u8],
    pub(super) predecessor_counter: &'a [u8],
}

const COMPRESSED: u32 = 0b1000;

impl<'a> Columns<'a> {
    /// Reads the list of columns and their bytes; what follows them stays in `bytes`.
    pub(super) fn read(bytes: &mut Bytes<'a>) -> Result<Self, Refused> {
        let mut columns = Self::default();
        let count = bytes.count()?;
        let mut list = Vec::new();
        for _ in 0..count {
            let code = u32::try_from(bytes.unsigned()?).map_err(|_| Refused::Malformed("column"))?;
            if code & COMPRESSED != 0 {
                return Err(Refused::CompressedColumn(code));
            }
            columns.slot(code)?;
            if list.last().is_some_and(|(previous, _)| *previous >= code) {
                return Err(Refused::NotCanonical("the order of columns"));
            }
            list.push((code, bytes.count()?));
        }
        for (code, length) in list {
            if length == 0 {
                return Err(Refused::NotCanonical("an empty column"));
            }
            *columns.slot(code)? = bytes.take(length)?;
        }
        Ok(columns)
    }

    /// The column with this specification (id × 16 + type), as Automerge numbers them.
    fn slot(&mut self, code: u32) -> Result<&mut &'a [u8], Refused> {
        match code {
            0x01 => Ok(&mut self.object_actor),
            0x02 => Ok(&mut self.object_counter),
            0x11 => Ok(&mut self.key_actor),
            0x13 => Ok(&mut self.key_counter),
            0x15 => Ok(&mut self.key_name),
            0x34 => Ok(&mut self.insert),
            0x42 => Ok(&mut self.action),
            0x56 => Ok(&mut self.value_type),
            0x57 => Ok(&mut self.value),
            0x70 => Ok(&mut self.predecessor_count),
            0x71 => Ok(&mut self.predecessor_actor),
            0x73 => Ok(&mut self.predecessor_counter),
            _ => Err(Refused::Column(code)),
        }
    }
}

/// The unfolded rows of a column. An absent column has nothing in every row.
pub(super) struct Rows<T>(Vec<Option<T>>);

impl<T: Copy> Rows<T> {
    pub(super) fn get(&self, row: usize) -> Option<T> {
        self.0.get(row).copied().flatten()
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The rows of a column that has exactly `rows` of them, or is absent.
    pub(super) fn optional(self, rows: usize) -> Result<Self, Refused> {
        if self.0.is_empty() || self.0.len() == rows { Ok(self) } else { Err(Refused::UnequalColumns) }
    }

    /// The values of a column that has one in each of exactly `rows` rows.
    pub(super) fn required(self, rows: usize) -> Result<Vec<T>, Refused> {
        if self.0.len() != rows {
            return Err(Refused::UnequalColumns);
        }
        self.0.into_iter().collect::<Option<Vec<T>>>().ok_or(Refused::Malformed("column: nothing in a row"))
    }
}

fn fits(present: usize, more: u64) -> Result<usize, Refused> {
    let too_much = Refused::TooMuch { measure: Measure::Operations, limit: LIMITS.operations };
    match usize::try_from(more) {
        Ok(more) if more <= LIMITS.operations - present => Ok(more),
        _ => Err(too_much),
    }
}

/// How many rows the runs of a column of numbers add up to, without unfolding any of them.
pub(super) fn claimed(column: &[u8]) -> Result<u64, Refused> {
    let mut bytes = Bytes::new(column);
    let mut rows = 0_u64;
    while !bytes.is_empty() {
        let length = bytes.signed()?;
        rows = rows.saturating_add(match length {
            0 => bytes.unsigned()?,
            1.. => bytes.unsigned().map(|_| length.unsigned_abs())?,
            _ => {
                (0..length.unsigned_abs()).try_for_each(|_| bytes.unsigned().map(drop))?;
                length.unsigned_abs()
            }
        });
    }
    Ok(rows)
}

/// The run before, as far as the canonical form depends on it.
#[derive(PartialEq)]
enum Before<T> {
    Start,
    Nulls,
    Run(T),
    Literal(T),
}

impl<T: PartialEq> Before<T> {
    fn ends_with(&self, value: &T) -> bool {
        matches!(self, Self::Run(last) | Self::Literal(last) if last == value)
    }
}

/// Unfolds a run-length encoded column.
pub(super) fn runs<'a, T: Copy + PartialEq>(
    column: &'a [u8],
    read: impl Fn(&mut Bytes<'a>) -> Result<T, Refused>,
) -> Result<Rows<T>, Refused> {
    let mut bytes = Bytes::new(column);
    let mut rows = Vec::new();
    let mut before = Before::Start;
    while !bytes.is_empty() {
        let length = bytes.signed()?;
        let canonical = match length {
            2.. => {
                let more = fits(rows.len(), length.unsigned_abs())?;
                let value = read(&mut bytes)?;
                let canonical = !before.ends_with(&value);
                rows.resize(rows.len() + more, Some(value));
                before = Before::Run(value);
                canonical
            }
            1 => false,
            0 => {
                let more = fits(rows.len(), bytes.unsigned()?)?;
                rows.resize(rows.len() + more, None);
                let canonical = more > 0 && before != Before::Nulls;
                before = Before::Nulls;
                canonical
            }
            ..0 => {
                let more = fits(rows.len(), length.unsigned_abs())?;
                let mut canonical = !matches!(before, Before::Literal(_));
                for _ in 0..more {
                    let value = read(&mut bytes)?;
                    canonical &= !before.ends_with(&value);
                    rows.push(Some(value));
                    before = Before::Literal(value);
                }
                canonical
            }
        };
        if !canonical {
            return Err(Refused::NotCanonical("a run"));
        }
    }
    if !rows.is_empty() && rows.iter().all(Option::is_none) {
        return Err(Refused::NotCanonical("a column of nothing"));
    }
    Ok(Rows(rows))
}

/// Unfolds a column of numbers that are stored as differences.
pub(super) fn differences(column: &[u8]) -> Result<Rows<u64>, Refused> {
    let steps = runs(column, Bytes::signed)?;
    let mut value = 0_i64;
    let mut rows = Vec::with_capacity(steps.len());
    for step in steps.0 {
        rows.push(match step {
            None => None,
            Some(step) => {
                value = value.checked_add(step).ok_or(Refused::CounterRange)?;
                Some(u64::try_from(value).map_err(|_| Refused::CounterRange)?)
            }
        });
    }
    Ok(Rows(rows))
}

/// Unfolds a column of booleans: counts of alternating values, beginning with false.
pub(super) fn booleans(column: &[u8]) -> Result<Rows<bool>, Refused> {
    let mut bytes = Bytes::new(column);
    let mut rows = Vec::new();
    let mut value = false;
    while !bytes.is_empty() {
        let more = fits(rows.len(), bytes.unsigned()?)?;
        if more == 0 && (value || !rows.is_empty() || bytes.is_empty()) {
            return Err(Refused::NotCanonical("a run"));
        }
        rows.resize(rows.len() + more, Some(value));
        value = !value;
    }
    Ok(Rows(rows))
}
