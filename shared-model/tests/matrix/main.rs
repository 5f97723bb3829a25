//! The permission matrix, cell by cell: every role under every limit, every command, field and kind of record, on the
//! device and at the server's judgement. `tests/tests/platform/matrix` walks it on a real server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cases;
mod commands;
mod drawn;
mod fields;
mod oracle;
mod page;
mod reading;
mod scene;

use std::collections::{BTreeMap, BTreeSet};

use shared_model::gate::Numbering;
use shared_model::identity::{ActorId, DocumentId};
use shared_model::ingest::{self, ActorStanding, Submitter, Verdict};
use shared_model::permission::Grants;
use shared_model::sync_protocol::PushedCommand;
use shared_model::workspace::Aggregate;

use self::cases::{CASES, NAMES};
use self::scene::{Scene, parse};

/// How the server numbers what our own devices push, and what comes from clients of automerge-repo.
const CHANNELS: [Numbering; 2] = [Numbering::Exact, Numbering::Isolated];

/// What the server says about a pushed command: nothing, or the code of a refusal.
fn judge(
    command: &PushedCommand,
    grants: &Grants,
    numbering: Numbering,
    documents: &BTreeMap<DocumentId, Aggregate>,
) -> Option<String> {
    let server_actor = ActorId::from_bytes([0xee; 16]);
    let grants = Some(grants);
    let submitter =
        Submitter { grants, device: None, server_actor, numbering, given_back: false, unowned: false };
    let standing = ingest::actors_of(command).into_iter().map(|actor| (actor, ActorStanding::Free)).collect();
    match ingest::judge(command, &submitter, &standing, documents) {
        Verdict::Accepted(_) => None,
        Verdict::Rejected { code, .. } => Some(code),
        Verdict::MissingDeps(_) => panic!("everything is here"),
    }
}

#[test]
fn every_command_has_a_case() {
    let place = oracle::Where::NamingThem.place();
    let mut scene = Scene::new(1, place, oracle::ME, oracle::OTHER);
    let told: BTreeSet<&str> =
        CASES.iter().map(|case| cases::name(&parse(&(case.make)(&mut scene)))).collect();
    assert_eq!(told, NAMES.iter().copied().collect());
    for case in CASES {
        let command = parse(&(case.make)(&mut scene));
        assert!(case.name.starts_with(cases::name(&command)), "{}", case.name);
    }
}
