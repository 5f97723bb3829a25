//! Records, as the gate reads them.

use rand::rngs::SmallRng;
use shared_model::gate;
use shared_model::record::Record;

use super::{Answer, NOUNS, Target, golden, kind_of, mutate, same};

pub(super) const TARGET: Target = Target { name: "record", seeds, words: WORDS, damage, read };

const WORDS: &[&[u8]] = &[
    b"{}",
    b"[]",
    b"null",
    b"true",
    b"1e999",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"\"\"",
    b"\"\\ud800\"",
    b"\\u0000",
    b"\xff",
    b"\xef\xbb\xbf",
    b",",
    b":",
    b"\"text\":",
    b"\"money\":",
    b"\"quantity\":",
    b"\"minutes\":",
    &[b'['; 300],
];

/// What old versions wrote.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let files = NOUNS.iter().flat_map(|(_, noun)| {
        ["v1.records.hex", "labour_rate.records.hex", "notice.records.hex"].map(|file| golden(noun, file))
    });
    let lines: Vec<String> = files
        .flat_map(|file| String::from_utf8(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines.iter().filter(|line| !line.is_empty()).map(|line| unhex(line)).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// A record of the right form with a damaged payload, kind or number.
fn damage(random: &mut SmallRng, corpus: &[Vec<u8>]) -> Option<Vec<u8>> {
    use rand::Rng;
    let mut record = Record::decode(mutate::pick(random, corpus)).ok()?;
    let other = Record::decode(mutate::pick(random, corpus)).ok()?;
    match random.random_range(0..8) {
        0 => record.kind = other.kind,
        1 => record.payload = other.payload,
        2 => record.seq = mutate::number(random, record.seq),
        _ => mutate::bytes(random, &mut record.payload, &[other.payload], WORDS),
    }
    Some(record.encode())
}

fn read(input: &[u8]) -> Answer {
    if let Ok(record) = Record::decode(input) {
        same(&record, Record::decode(&record.encode()))?;
    }
    match gate::check_record(input) {
        Ok(record) if record.encode() != input => Err("another encoding passes".to_owned()),
        Ok(record) if record.kind().is_none() => Err("an unknown kind passes".to_owned()),
        Ok(record) => Ok(record.kind),
        Err(refused) => Ok(format!("{} {}", refused.code(), kind_of(&refused.to_string()))),
    }
}
