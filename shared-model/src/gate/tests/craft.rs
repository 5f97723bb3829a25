//! Changes written by hand, byte by byte, so that each can be wrong in exactly one way.
//!
//! The hostile peers of the integration tests read this file too, and send what it writes to a real server: so it
//! takes the model's names from the module around it.

use sha2::{Digest, Sha256};

use automerge::{ChangeHash, ObjId, ROOT, ReadDoc};

use super::{ActorId, Document, GENESIS_ACTOR};

pub(super) const DOCUMENT: u8 = 0;
pub(super) const CHANGE: u8 = 1;
pub(super) const COMPRESSED: u8 = 2;
pub(super) const BUNDLE: u8 = 3;

/// Codes of columns.
pub(super) const OBJECT_ACTOR: u32 = 0x01;
pub(super) const OBJECT_COUNTER: u32 = 0x02;
pub(super) const KEY_ACTOR: u32 = 0x11;
pub(super) const KEY_COUNTER: u32 = 0x13;
pub(super) const KEY_NAME: u32 = 0x15;
pub(super) const INSERT: u32 = 0x34;
pub(super) const ACTION: u32 = 0x42;
pub(super) const VALUE_TYPE: u32 = 0x56;
pub(super) const VALUE: u32 = 0x57;
pub(super) const PREDECESSOR_COUNT: u32 = 0x70;
pub(super) const PREDECESSOR_ACTOR: u32 = 0x71;
pub(super) const PREDECESSOR_COUNTER: u32 = 0x73;
pub(super) const EXPAND: u32 = 0x94;
pub(super) const MARK_NAME: u32 = 0xa5;

/// Codes of actions.
pub(super) const MAKE_MAP: u64 = 0;
pub(super) const PUT: u64 = 1;
pub(super) const MAKE_LIST: u64 = 2;
pub(super) const DELETE: u64 = 3;
pub(super) const MAKE_TEXT: u64 = 4;
pub(super) const INCREMENT: u64 = 5;
pub(super) const MARK: u64 = 7;

/// The name of an operation: number and author.
pub(super) type Id = (u64, ActorId);

#[derive(Clone)]
pub(super) enum Key {
    Name(&'static str),
    Head,
    Element(Id),
}

/// A value: its type code and its bytes.
pub(super) type Value = (u64, Vec<u8>);

pub(super) fn null() -> Value {
    (0, Vec::new())
}

pub(super) fn string(text: &str) -> Value {
    (6, text.as_bytes().to_vec())
}

pub(super) fn int(value: i64) -> Value {
    (4, signed(value))
}

/// One operation.
#[derive(Clone)]
pub(super) struct Op {
    pub(super) object: Option<Id>,
    pub(super) key: Key,
    pub(super) insert: bool,
    pub(super) action: u64,
    pub(super) value: Value,
    pub(super) predecessors: Vec<Id>,
}

impl Op {
    pub(super) fn on(object: Option<Id>, key: &'static str, action: u64, value: Value) -> Self {
        Self { object, key: Key::Name(key), insert: false, action, value, predecessors: Vec::new() }
    }

    pub(super) fn put(key: &'static str, value: Value) -> Self {
        Self::on(None, key, PUT, value)
    }

    pub(super) fn insert(object: Id, after: Key, text: &str) -> Self {
        Self { key: after, insert: true, ..Self::on(Some(object), "", PUT, string(text)) }
    }

    pub(super) fn over(self, predecessors: impl IntoIterator<Item = Id>) -> Self {
        Self { predecessors: predecessors.into_iter().collect(), ..self }
    }
}

/// A change to be written. Every part may be set to nonsense.
#[derive(Clone)]
pub(super) struct Craft {
    pub(super) deps: Vec<ChangeHash>,
    pub(super) actor: Vec<u8>,
    pub(super) others: Vec<Vec<u8>>,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) time: i64,
    pub(super) message: Vec<u8>,
    /// Code and bytes of each column.
    pub(super) columns: Vec<(u32, Vec<u8>)>,
    pub(super) extra: Vec<u8>,
}

impl Craft {
    /// An honest change that continues `document`.
    pub(super) fn after(document: &Document, actor: ActorId, ops: &[Op]) -> Self {
        let all = document.automerge().get_changes_meta(&[]);
        let own = all.iter().filter(|held| held.actor.to_bytes() == actor.as_bytes());
        let named = ops.iter().flat_map(|op| {
            let key = if let Key::Element(id) = op.key { Some(id) } else { None };
            op.object.into_iter().chain(key).chain(op.predecessors.iter().copied())
        });
        let mut others: Vec<ActorId> =
            named.map(|(_, actor)| actor).filter(|other| *other != actor).collect();
        others.sort();
        others.dedup();
        let index = |id: &Id| {
            let other = others.iter().position(|other| *other == id.1);
            other.map_or(0, |other| other as u64 + 1)
        };
        Self {
            deps: document.heads(),
            actor: actor.as_bytes().to_vec(),
            seq: own.map(|held| held.seq).max().unwrap_or(0) + 1,
            start_op: all.iter().map(|held| held.max_op).max().unwrap_or(0) + 1,
            time: 1_700_000_000,
            message: Vec::new(),
            columns: columns(ops, index),
            extra: Vec::new(),
            others: others.iter().map(|other| other.as_bytes().to_vec()).collect(),
        }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Replaces a column, adds it in order, or removes it when `bytes` is empty.
    pub(super) fn column(mut self, code: u32, bytes: &[u8]) -> Self {
        self.columns.retain(|(other, _)| *other != code);
        if !bytes.is_empty() {
            self.columns.push((code, bytes.to_vec()));
            self.columns.sort_by_key(|(code, _)| *code);
        }
        self
    }

    /// The content of the chunk.
    pub(super) fn data(&self) -> Vec<u8> {
        let mut data = unsigned(self.deps.len() as u64);
        self.deps.iter().for_each(|dep| data.extend(dep.0));
        data.extend(prefixed(&self.actor));
        data.extend(unsigned(self.seq));
        data.extend(unsigned(self.start_op));
        data.extend(signed(self.time));
        data.extend(prefixed(&self.message));
        data.extend(unsigned(self.others.len() as u64));
        self.others.iter().for_each(|other| data.extend(prefixed(other)));
        data.extend(unsigned(self.columns.len() as u64));
        for (code, bytes) in &self.columns {
            data.extend(unsigned(u64::from(*code)));
            data.extend(unsigned(bytes.len() as u64));
        }
        self.columns.iter().for_each(|(_, bytes)| data.extend(bytes));
        data.extend(&self.extra);
        data
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        chunk(CHANGE, &self.data())
    }

    /// The name of the operation in this row.
    pub(super) fn id(&self, row: u64) -> Id {
        (self.start_op + row, ActorId::from_bytes(self.actor.as_slice().try_into().unwrap()))
    }
}

/// A chunk with a right checksum.
pub(super) fn chunk(kind: u8, data: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    hashed.extend(unsigned(data.len() as u64));
    hashed.extend(data);
    let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83];
    bytes.extend(&Sha256::digest(&hashed)[..4]);
    bytes.extend(hashed);
    bytes
}

/// Makes the checksum of a changed chunk right again.
pub(super) fn repair(bytes: &mut [u8]) {
    if bytes.len() > 8 {
        let checksum = Sha256::digest(&bytes[8..]);
        bytes[4..8].copy_from_slice(&checksum[..4]);
    }
}

/// The operation behind the value at a path.
pub(super) fn id_at(document: &Document, path: &[&str]) -> Id {
    let mut object = ROOT;
    for key in path {
        object = document.automerge().get(&object, *key).unwrap().unwrap().1;
    }
    id_of(&object)
}

/// The first character of the text at a key.
pub(super) fn first_character(document: &Document, key: &str) -> Id {
    let (_, text) = document.automerge().get(ROOT, key).unwrap().unwrap();
    id_of(&document.automerge().get(text, 0).unwrap().unwrap().1)
}

fn id_of(object: &ObjId) -> Id {
    match object {
        ObjId::Id(counter, actor, _) => (*counter, ActorId::from_automerge(actor).unwrap()),
        ObjId::Root => panic!("the root has no id"),
    }
}

/// The container that genesis made at this key.
pub(super) fn genesis_id(document: &Document, key: &str) -> Id {
    let id = id_at(document, &[key]);
    assert_eq!(id.1, GENESIS_ACTOR, "{key} is from genesis");
    id
}

fn columns(ops: &[Op], index: impl Fn(&Id) -> u64) -> Vec<(u32, Vec<u8>)> {
    let number = |value: u64| unsigned(value);
    let element = |op: &Op| if let Key::Element(id) = op.key { Some(id) } else { None };
    let counters = ops.iter().map(|op| match op.key {
        Key::Name(_) => None,
        Key::Head => Some(0),
        Key::Element((counter, _)) => Some(counter),
    });
    let names = ops
        .iter()
        .map(|op| if let Key::Name(name) = op.key { Some(prefixed(name.as_bytes())) } else { None });
    let predecessors: Vec<Id> = ops.iter().flat_map(|op| op.predecessors.iter().copied()).collect();
    let all = [
        (OBJECT_ACTOR, runs(ops.iter().map(|op| op.object.map(|id| number(index(&id)))))),
        (OBJECT_COUNTER, runs(ops.iter().map(|op| op.object.map(|id| number(id.0))))),
        (KEY_ACTOR, runs(ops.iter().map(|op| element(op).map(|id| number(index(&id)))))),
        (KEY_COUNTER, differences(counters)),
        (KEY_NAME, runs(names)),
        (INSERT, booleans(ops.iter().map(|op| op.insert))),
        (ACTION, runs(ops.iter().map(|op| Some(number(op.action))))),
        (VALUE_TYPE, runs(ops.iter().map(|op| Some(number((op.value.1.len() as u64) << 4 | op.value.0))))),
        (VALUE, ops.iter().flat_map(|op| op.value.1.clone()).collect()),
        (PREDECESSOR_COUNT, runs(ops.iter().map(|op| Some(number(op.predecessors.len() as u64))))),
        (PREDECESSOR_ACTOR, runs(predecessors.iter().map(|id| Some(number(index(id)))))),
        (PREDECESSOR_COUNTER, differences(predecessors.iter().map(|id| Some(id.0)))),
    ];
    all.into_iter().filter(|(_, bytes): &(u32, Vec<u8>)| !bytes.is_empty()).collect()
}

/// Run-length encodes values that are encoded already; nothing at all when every row is empty.
pub(super) fn runs(values: impl Iterator<Item = Option<Vec<u8>>>) -> Vec<u8> {
    let values: Vec<Option<Vec<u8>>> = values.collect();
    if values.iter().all(Option::is_none) {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut rest = values.as_slice();
    let run_at = |rest: &[Option<Vec<u8>>]| rest.iter().take_while(|value| **value == rest[0]).count();
    while let Some(first) = rest.first() {
        let same = run_at(rest);
        let taken = match first {
            None => {
                out.extend(signed(0));
                out.extend(unsigned(same as u64));
                same
            }
            Some(value) if same > 1 => {
                out.extend(signed(same as i64));
                out.extend(value);
                same
            }
            Some(_) => {
                let alone =
                    (0..rest.len()).take_while(|at| rest[*at].is_some() && run_at(&rest[*at..]) == 1).count();
                out.extend(signed(-(alone as i64)));
                rest[..alone].iter().flatten().for_each(|value| out.extend(value));
                alone
            }
        };
        rest = &rest[taken..];
    }
    out
}

fn differences(values: impl Iterator<Item = Option<u64>>) -> Vec<u8> {
    let mut last = 0_i64;
    runs(values.map(|value| {
        let value = value? as i64;
        let step = value - last;
        last = value;
        Some(signed(step))
    }))
}

fn booleans(values: impl Iterator<Item = bool>) -> Vec<u8> {
    let (mut out, mut current, mut count) = (Vec::new(), false, 0_u64);
    for value in values {
        if value != current {
            out.extend(unsigned(count));
            (current, count) = (value, 0);
        }
        count += 1;
    }
    if count > 0 {
        out.extend(unsigned(count));
    }
    out
}

pub(super) fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let mut out = unsigned(bytes.len() as u64);
    out.extend(bytes);
    out
}

pub(super) fn unsigned(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

pub(super) fn signed(mut value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}
