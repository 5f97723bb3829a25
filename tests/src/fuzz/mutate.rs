//! Damage to bytes of any form.

use rand::Rng;
use rand::rngs::SmallRng;

use super::craft;

/// Inputs do not grow beyond a little more than the longest frame.
const MAX_BYTES: usize = 1024 * 1024 + 16;
/// Ranges that move are mostly short.
const MAX_RANGE: usize = 64;

/// Numbers at which counting goes wrong.
const EDGES: &[u64] = &[
    0,
    1,
    2,
    23,
    24,
    63,
    64,
    127,
    128,
    255,
    256,
    4_999,
    5_000,
    5_001,
    65_535,
    65_536,
    100_000,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 2,
    (1 << 32) - 1,
    1 << 32,
    1 << 53,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX,
];

/// One of the inputs, or nothing when there are none; the ones found last are as likely as all others together.
pub(super) fn pick<'c>(random: &mut SmallRng, corpus: &'c [Vec<u8>]) -> &'c [u8] {
    if corpus.is_empty() {
        return &[];
    }
    let from = if random.random() { corpus.len().saturating_sub(16) } else { 0 };
    &corpus[random.random_range(from..corpus.len())]
}

/// A number at an edge, or near the one that was.
pub(super) fn number(random: &mut SmallRng, was: u64) -> u64 {
    match random.random_range(0..4) {
        0 => was.wrapping_add(1),
        1 => was.wrapping_sub(1),
        2 => random.random(),
        _ => EDGES[random.random_range(0..EDGES.len())],
    }
}

/// Some damage: one to four times.
pub(super) fn bytes(random: &mut SmallRng, input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&[u8]]) {
    for _ in 0..random.random_range(1..=4) {
        once(random, input, corpus, words);
    }
    input.truncate(MAX_BYTES);
}

fn once(random: &mut SmallRng, input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&[u8]]) {
    if input.is_empty() {
        input.push(random.random());
    }
    let at = random.random_range(0..input.len());
    let range = at..input.len().min(at + random.random_range(0..MAX_RANGE));
    match random.random_range(0..13) {
        0 => input[at] ^= 1 << random.random_range(0..8),
        1 => input[at] = random.random(),
        2 => input[at] = input[at].wrapping_add_signed(random.random_range(-2..=2)),
        3 => drop(input.drain(range)),
        4 => {
            let copy = input[range].to_vec();
            let times = if random.random_range(0..50) == 0 { 10_000 } else { random.random_range(1..4) };
            input.splice(at..at, copy.repeat(times));
        }
        5 => {
            let from = pick(random, corpus);
            let start = random.random_range(0..=from.len());
            let end = from.len().min(start + random.random_range(0..MAX_RANGE));
            input.splice(range, from[start..end].iter().copied());
        }
        6 => {
            let from = pick(random, corpus);
            input.truncate(at);
            input.extend(&from[random.random_range(0..=from.len())..]);
        }
        7 => input.truncate(at),
        8 | 9 => leb128(random, input, at),
        10 => cbor_head(random, input, at),
        _ if words.is_empty() => input.insert(at, random.random()),
        _ => {
            let word = words[random.random_range(0..words.len())];
            let end = if random.random() { at } else { range.end };
            input.splice(at..end, word.iter().copied());
        }
    }
}

/// Another number where one stands, in Automerge's way of writing them.
fn leb128(random: &mut SmallRng, input: &mut Vec<u8>, at: usize) {
    let length = input[at..].iter().take_while(|byte| **byte & 0x80 != 0).count().min(9) + 1;
    let end = input.len().min(at + length);
    let was = input[at..end].iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    let value = number(random, was);
    let written = if random.random() { craft::unsigned(value) } else { craft::signed(value.cast_signed()) };
    input.splice(at..end, written);
}

/// Another length or number in CBOR's way, of the same kind of item.
fn cbor_head(random: &mut SmallRng, input: &mut Vec<u8>, at: usize) {
    let kind = if random.random_range(0..4) == 0 { random.random::<u8>() & 0xe0 } else { input[at] & 0xe0 };
    let value = number(random, u64::from(input[at] & 0x1f));
    let tail = value.to_be_bytes();
    let written = match random.random_range(0..6) {
        0 => vec![kind | 0x1f],
        1 => [&[kind | 0x18], &tail[7..]].concat(),
        2 => [&[kind | 0x19], &tail[6..]].concat(),
        3 => [&[kind | 0x1a], &tail[4..]].concat(),
        4 => [&[kind | 0x1b], &tail[..]].concat(),
        _ => vec![kind | (tail[7] % 24)],
    };
    input.splice(at..=at, written);
}
