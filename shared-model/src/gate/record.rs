//! The checks on records.

use super::{LIMITS, Measure, Refused};
use crate::features::record_is_readable;
use crate::record::Record;

/// Decodes a record from outside: its size, its form, and that its payload states a fact of its kind.
pub fn check_record(bytes: &[u8]) -> Result<Record, Refused> {
    if bytes.len() > LIMITS.record_bytes {
        return Err(Refused::TooMuch { measure: Measure::Record, limit: LIMITS.record_bytes });
    }
    let record = Record::decode(bytes).map_err(|error| Refused::Record(error.to_string()))?;
    if record.encode() != bytes {
        return Err(Refused::NotCanonical("a record"));
    }
    if record.at.as_seconds().unsigned_abs() > LIMITS.clock_seconds {
        return Err(Refused::Time(record.at.as_seconds()));
    }
    if record.kind().is_none() {
        return Err(Refused::RecordKind);
    }
    if !record_is_readable(&record) {
        return Err(Refused::RecordPayload);
    }
    Ok(record)
}
