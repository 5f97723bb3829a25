//! The hostile peers: strangers and people with an account who send what no honest device would, rule by rule,
//! to a real server over real sockets.
//!
//! A [`Chapter`] is a table of [`Case`]s. Each says the one answer it must get; after each, nobody's documents
//! have changed and an honest command is taken at once. The page `docs/security/hostile-peer.md` lists them all.

mod channels;
mod columns;
mod commands;
mod cursors;
mod envelope;
mod fields;
mod frames;
mod give_back;
mod mutation;
mod operations;
mod page;
mod past;
mod peer;
mod records;
mod requests;
mod rights;
mod scene;

// The bytes are written by what the gate's own tests write theirs with.
#[path = "../../../../shared-model/src/gate/tests/craft.rs"]
mod craft;

use axum::body::Body;
use axum::http::Request;
use shared_model::document::Document;
use shared_model::document::genesis::GENESIS_ACTOR;
use shared_model::identity::ActorId;
use shared_model::permission::{GrantLimit, Role};
use shared_model::sync_protocol::{Cursor, GivenBack, PushedCommand};
use tokio_tungstenite::tungstenite::Message;

use scene::Scene;

/// Cases that one kind of peer tries.
struct Chapter {
    title: &'static str,
    /// What the peer may do.
    role: Role,
    limit: GrantLimit,
    cases: &'static [Case],
}

/// One thing no honest device does.
struct Case {
    /// What is wrong with it.
    rule: &'static str,
    /// How the server answers, as [`peer`] puts answers.
    answer: &'static str,
    attack: Attack,
}

enum Attack {
    /// A change to somebody else's work order, in a command of its own.
    Change(fn(&Scene) -> Vec<u8>),
    /// A command.
    Command(fn(&Scene) -> PushedCommand),
    /// Bytes on a fresh socket that are no WebSocket messages.
    Wire(&'static [u8]),
    /// Messages on a fresh socket, before any Hello.
    Unannounced(fn(&Scene) -> Vec<Message>),
    /// Messages on a fresh socket, once Welcome is said.
    Announced(fn(&Scene) -> Vec<Message>),
    /// Documents given back on a fresh socket, once Welcome is said.
    GiveBack(fn(&Scene) -> Vec<GivenBack>),
    /// A Hello with the cursor altered, or with a true one and then the feed from an altered one.
    Cursor { alter: fn(&mut Cursor), follows: bool },
    /// A request over HTTP.
    Request(fn(&Scene) -> Request<Body>),
}

impl Chapter {
    /// What a technician tries, who may do a good deal.
    const fn of_technician(title: &'static str, cases: &'static [Case]) -> Self {
        Self { title, role: Role::Technician, limit: GrantLimit::Organisation, cases }
    }
}

impl Case {
    const fn new(rule: &'static str, answer: &'static str, attack: Attack) -> Self {
        Self { rule, answer, attack }
    }

    const fn change(rule: &'static str, answer: &'static str, bytes: fn(&Scene) -> Vec<u8>) -> Self {
        Self::new(rule, answer, Attack::Change(bytes))
    }

    const fn command(rule: &'static str, answer: &'static str, command: fn(&Scene) -> PushedCommand) -> Self {
        Self::new(rule, answer, Attack::Command(command))
    }

    const fn request(rule: &'static str, answer: &'static str, request: fn(&Scene) -> Request<Body>) -> Self {
        Self::new(rule, answer, Attack::Request(request))
    }
}

/// Every chapter, in the order of the page.
const CHAPTERS: &[&Chapter] = &[
    &frames::WIRE,
    &frames::FRAMES,
    &frames::HELLO,
    &cursors::CURSORS,
    &commands::COMMANDS,
    &envelope::ENVELOPE,
    &columns::COLUMNS,
    &operations::OPERATIONS,
    &past::PAST,
    &fields::FIELDS,
    &records::RECORDS,
    &records::LEDGER,
    &rights::TECHNICIAN,
    &rights::REQUESTER,
    &rights::CONTRACTOR,
    &give_back::GIVE_BACK,
    &channels::PACKS,
    &channels::DEPOSITS,
    &channels::GUESTS,
    &requests::SIGNED_IN,
    &requests::STRANGERS,
];

/// Tries every case of a chapter and says which were not answered as they must be.
async fn play(chapter: &Chapter) {
    let mut scene = Scene::set(chapter.role, chapter.limit).await;
    let mut wrong = Vec::new();
    for case in chapter.cases {
        let before = scene.world().await;
        let noted = scene.noted(case.answer);
        let answer = scene.attack(&case.attack).await;
        if answer != case.answer {
            wrong.push(format!("{}: “{answer}” instead of “{}”", case.rule, case.answer));
        }
        if case.answer.starts_with("goodbye") && scene.noted(case.answer) <= noted {
            wrong.push(format!("{}: the server did not note it", case.rule));
        }
        if !answer.starts_with("accepted") && scene.world().await != before {
            wrong.push(format!("{}: something changed", case.rule));
        }
        let honest = scene.act_honestly().await;
        if honest != "accepted" {
            wrong.push(format!("{}: afterwards an honest command was “{honest}”", case.rule));
        }
    }
    wrong.extend(scene.damage().await);
    assert!(wrong.is_empty(), "{}:\n{}", chapter.title, wrong.join("\n"));
}
