//! Random damage with a right checksum: the gate never panics, and what it lets pass Automerge can hold.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::craft::{self, Craft, DELETE, Key, MAKE_MAP, Op, PUT, genesis_id, null, string};
use super::*;
use crate::gate::{LIMITS, check_record};

const MUTATIONS: usize = 200_000;
const SEED: u64 = 0x6d61_696e_7461_696e;

/// Honest changes of every form.
fn templates(document: &Document) -> Vec<Vec<u8>> {
    let (text, tags) = (genesis_id(document, "description"), genesis_id(document, "tags"));
    let checklists = genesis_id(document, "checklists");
    let draft = Craft::after(document, BOB, &[]);
    let insert = [
        Op::insert(text, Key::Head, "a"),
        Op::insert(text, Key::Element(draft.id(0)), "b"),
        Op::insert(text, Key::Element(draft.id(1)), "c"),
        Op { key: Key::Element(draft.id(1)), ..Op::on(Some(text), "", DELETE, null()) }.over([draft.id(1)]),
    ];
    let item = [
        Op::on(Some(checklists), "k9", MAKE_MAP, null()),
        Op::on(Some(draft.id(0)), "answers", MAKE_MAP, null()),
        Op::on(Some(draft.id(1)), "s1", PUT, string("pass")),
        Op::on(Some(draft.id(1)), "s2", PUT, string("fail")),
    ];
    let puts = [
        Op::put("title", string("x")).over([(title_number(document), ALICE)]),
        Op::put("due", (9, craft::signed(1_700_000_000_000))),
        Op::on(Some(tags), "wet", PUT, (2, Vec::new())),
    ];
    [&insert[..], &item[..], &puts[..]].map(|ops| Craft::after(document, BOB, ops).bytes()).to_vec()
}

fn title_number(document: &Document) -> u64 {
    use automerge::ReadDoc;
    match document.automerge().get(automerge::ROOT, "title").unwrap().unwrap().1 {
        automerge::ObjId::Id(counter, ..) => counter,
        automerge::ObjId::Root => panic!("no value is the root"),
    }
}

fn damage(random: &mut SmallRng, bytes: &mut Vec<u8>) {
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(8..bytes.len());
        match random.random_range(0..6) {
            0 => bytes[at] = random.random(),
            1 => bytes[at] ^= 1 << random.random_range(0..8),
            2 => bytes[at] = [0x00, 0x01, 0x7f, 0x80, 0xff][random.random_range(0..5)],
            3 => {
                bytes.remove(at);
            }
            4 => bytes.insert(at, random.random()),
            _ => bytes[at] = bytes[at].wrapping_add(1),
        }
    }
}

/// Half of the time the stated length is made right again too.
fn repair(random: &mut SmallRng, bytes: &mut Vec<u8>) {
    if random.random() && bytes.len() > 11 {
        let prefix = if bytes.get(9).is_some_and(|byte| byte & 0x80 != 0) { 11 } else { 10 };
        *bytes = craft::chunk(craft::CHANGE, &bytes[prefix..]);
    } else {
        craft::repair(bytes);
    }
}

#[test]
fn damaged_changes_never_panic() {
    let mut document = work_order();
    let templates = templates(&document);
    // Half of what the templates may hit by accident is there, but not in their past.
    let elsewhere = Craft::after(&document, SERVER, &[Op::put("site", null()), Op::put("location", null())]);
    let elsewhere = passes(&document, &elsewhere.bytes());
    document.apply(vec![elsewhere.change]).unwrap();
    templates.iter().for_each(|bytes| drop(passes(&document, bytes)));
    let mut random = SmallRng::seed_from_u64(SEED);
    let mut passed = Vec::new();
    for round in 0..MUTATIONS {
        let mut bytes = templates[round % templates.len()].clone();
        damage(&mut random, &mut bytes);
        repair(&mut random, &mut bytes);
        if let Ok(Verdict::New(_)) = check(&document, &bytes) {
            passed.push(bytes);
        }
    }
    // Values, times and characters may differ; whatever passes is stored and given back byte for byte.
    assert!(passed.len() > 1_000, "only {} passed", passed.len());
    let every = passed.len() / 500;
    for bytes in passed.iter().step_by(every) {
        assert_eq!(without_gate(&document, bytes), Harm::Applies, "{bytes:02x?}");
    }
}

#[test]
fn random_bytes_never_panic() {
    let document = work_order();
    let mut random = SmallRng::seed_from_u64(SEED);
    for _ in 0..20_000 {
        let length = random.random_range(0..400);
        let data: Vec<u8> = (0..length).map(|_| random.random()).collect();
        assert!(check(&document, &data).is_err());
        assert!(check(&document, &craft::chunk(craft::CHANGE, &data)).is_err());
        assert!(check_record(&data).is_err());
    }
    assert!(check(&document, &vec![0; LIMITS.change_bytes * 2]).is_err());
}
