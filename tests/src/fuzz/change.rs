//! Damage to a change by the rules of its form: a part of it is another one, and length and checksum are right again.

use automerge::ChangeHash;
use rand::Rng;
use rand::rngs::SmallRng;

use super::craft::{self, Craft};
use super::mutate;

/// A change taken apart, if it can be.
fn apart(bytes: &[u8]) -> Option<Craft> {
    let mut rest = Rest(bytes.get(9..)?);
    rest.number()?;
    let deps = (0..rest.count()?).map(|_| Some(ChangeHash(rest.take(32)?.try_into().ok()?)));
    let deps = deps.collect::<Option<_>>()?;
    let actor = rest.prefixed()?;
    let (seq, start_op) = (rest.number()?, rest.number()?);
    let time = rest.signed()?;
    let message = rest.prefixed()?;
    let others = (0..rest.count()?).map(|_| rest.prefixed()).collect::<Option<_>>()?;
    let heads = (0..rest.count()?).map(|_| Some((u32::try_from(rest.number()?).ok()?, rest.count()?)));
    let heads: Vec<(u32, usize)> = heads.collect::<Option<_>>()?;
    let columns = heads.into_iter().map(|(code, length)| Some((code, rest.take(length)?.to_vec())));
    let columns = columns.collect::<Option<_>>()?;
    Some(Craft { deps, actor, others, seq, start_op, time, message, columns, extra: rest.0.to_vec() })
}

/// One of the changes, damaged in one to three places.
pub(super) fn damaged(random: &mut SmallRng, changes: &[Vec<u8>]) -> Option<Vec<u8>> {
    let picked = mutate::pick(random, changes);
    if random.random_range(0..4) == 0 {
        let mut bytes = picked.get(9..)?.to_vec();
        let mut rest = Rest(&bytes);
        rest.number()?;
        bytes = rest.0.to_vec();
        mutate::bytes(random, &mut bytes, changes, &[]);
        return Some(craft::chunk(craft::CHANGE, &bytes));
    }
    let mut change = apart(picked)?;
    for _ in 0..random.random_range(1..=3) {
        one(random, &mut change, changes);
    }
    Some(change.bytes())
}

fn one(random: &mut SmallRng, change: &mut Craft, changes: &[Vec<u8>]) {
    let other = apart(mutate::pick(random, changes));
    match random.random_range(0..12) {
        0 => change.seq = mutate::number(random, change.seq),
        1 => change.start_op = mutate::number(random, change.start_op),
        2 => change.time = mutate::number(random, change.time.cast_unsigned()).cast_signed(),
        3 => deps(random, change, other.as_ref()),
        4 => actors(random, change, other.as_ref()),
        5 if random.random() => mutate::bytes(random, &mut change.message, &[], &[]),
        5 => mutate::bytes(random, &mut change.extra, &[], &[]),
        _ => columns(random, change, other),
    }
}

fn deps(random: &mut SmallRng, change: &mut Craft, other: Option<&Craft>) {
    match random.random_range(0..4) {
        0 => drop(change.deps.pop()),
        1 => change.deps.extend(change.deps.first().copied()),
        2 => change.deps.push(ChangeHash(random.random())),
        _ => change.deps = other.map(|other| other.deps.clone()).unwrap_or_default(),
    }
}

fn actors(random: &mut SmallRng, change: &mut Craft, other: Option<&Craft>) {
    let all = |craft: &Craft| [std::slice::from_ref(&craft.actor), craft.others.as_slice()].concat();
    let known = other.map_or_else(Vec::new, all);
    match random.random_range(0..5) {
        0 => change.actor = mutate::pick(random, &all(change)).to_vec(),
        1 => drop(change.others.pop()),
        2 => mutate::bytes(random, &mut change.actor, &[], &[]),
        3 if !known.is_empty() => change.actor = mutate::pick(random, &known).to_vec(),
        _ if !known.is_empty() => change.others.push(mutate::pick(random, &known).to_vec()),
        _ => change.others.push(change.actor.clone()),
    }
}

fn columns(random: &mut SmallRng, change: &mut Craft, other: Option<Craft>) {
    if change.columns.is_empty() {
        change.columns = other.map(|other| other.columns).unwrap_or_default();
        return;
    }
    let at = random.random_range(0..change.columns.len());
    match random.random_range(0..8) {
        0 => drop(change.columns.remove(at)),
        1 => change.columns.insert(at, change.columns[at].clone()),
        2 => change.columns[at].0 ^= 1 << random.random_range(0..9),
        3 => {
            let code = change.columns[at].0;
            let theirs = other.and_then(|other| other.columns.into_iter().find(|column| column.0 == code));
            change.columns[at].1 = theirs.map(|column| column.1).unwrap_or_default();
        }
        _ => {
            let own: Vec<Vec<u8>> = change.columns.iter().map(|column| column.1.clone()).collect();
            mutate::bytes(random, &mut change.columns[at].1, &own, &[]);
        }
    }
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let length = self.0.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
        let bytes = self.take(length.min(10))?;
        Some(bytes.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f)))
    }

    fn signed(&mut self) -> Option<i64> {
        let before = self.0.len();
        let value = self.number()?;
        let bits = (before - self.0.len()) * 7;
        let unused = 64_usize.saturating_sub(bits);
        Some((value << unused).cast_signed() >> unused)
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.0.len())
    }

    fn prefixed(&mut self) -> Option<Vec<u8>> {
        let length = self.count()?;
        self.take(length).map(<[u8]>::to_vec)
    }
}
