//! Signed-in strangers say what no honest client says. Each is answered, with a reason; nobody else notices.

use std::collections::BTreeMap;
use std::io::Write;

use automerge::sync::Message as SyncMessage;
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, Change, ChangeHash, ExpandedChange, PatchLog, ROOT};
use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{Hand, create_work_order, new_document};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use sha2::{Digest, Sha256};
use shared_model::document::genesis::GENESIS_ACTOR;
use shared_model::identity::{ActorId, DocumentId};
use shared_model::permission::{GrantLimit, Role, RoleGrant};
use sync_server::app_state::Settings;
use sync_server::automerge_repo::document_id;
use sync_server::clock::Clock;
use sync_server::database::people;
use sync_server::database::tenant_transaction;
use sync_server::projection::verify;

use super::raw::{Heard, Raw, ephemeral, join, map, message, sync};

const PROTOCOL: u16 = 1002;
const UNSUPPORTED: u16 = 1003;
const POLICY: u16 = 1008;
const SIZE: u16 = 1009;
const EVE: &str = "eve@demo.example";

struct Site {
    server: TestServer,
    ann: Hand,
    /// Who is signed in and up to no good.
    eve: Client,
    id: DocumentId,
}

async fn site() -> Site {
    site_with(Settings::default()).await
}

async fn site_with(settings: Settings) -> Site {
    let server = TestServer::start_with(&TestDatabase::create().await, settings).await;
    let organisation = create_organisation(&server.database, "demo").await;
    for email in [EVE, "ann@demo.example"] {
        create_person(&server.database, organisation, email, Role::Technician).await;
    }
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let id = new_document();
    ann.act(&server.state.sync, &create_work_order(id, "Honest")).await;
    let eve = server.sign_in("demo", EVE).await;
    Site { server, ann, eve, id }
}

impl Site {
    fn automerge(&self) -> Automerge {
        self.ann.documents[&self.id].document.automerge().clone()
    }

    fn heads(&self) -> Vec<ChangeHash> {
        self.ann.documents[&self.id].document.heads()
    }

    /// A change of an actor of its own that would pass.
    fn honest(&self, actor: u8) -> Change {
        self.change(actor, "SAP-1")
    }

    fn change(&self, actor: u8, external: &str) -> Change {
        let mut automerge = self.automerge();
        automerge.set_actor(ActorId::from_bytes([actor; 16]).to_automerge());
        let mut transaction = automerge.transaction();
        transaction.put(ROOT, "external", external).unwrap();
        transaction.commit_with(CommitOptions::default().with_time(1_700_000_000));
        automerge.get_last_local_change().unwrap()
    }

    /// The same with something altered.
    fn altered(&self, actor: u8, alter: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
        let mut expanded = ExpandedChange::from(&self.honest(actor));
        alter(&mut expanded);
        Change::from(expanded).raw_bytes().to_vec()
    }

    /// Gives Ann these rights and no others.
    async fn grant(&self, grants: &[RoleGrant]) {
        let (organisation, person) = (self.ann.organisation, self.ann.person());
        let mut transaction = tenant_transaction(&self.server.database.pool, organisation).await.unwrap();
        let now = Clock::System.now();
        people::set_grants(&mut transaction, organisation, person, grants, now).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// The document is as it was, nothing panicked, and the rows are as the feed says.
    async fn unharmed(&self) {
        let mut connection = self.server.database.superuser().await;
        let (heads, documents, panics): (Vec<u8>, i64, i64) = sqlx::query_as(
            "select heads, (select count(*) from document),
                    (select count(*) from quarantine where code in ('judge_panicked', 'not_storable'))
             from document",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        let expected: Vec<u8> = self.heads().iter().flat_map(|head| head.0).collect();
        assert_eq!((heads, documents, panics), (expected, 1, 0));
        assert_eq!(verify(&self.server.state.pool, self.ann.organisation, |_| {}).await.unwrap(), []);
    }
}

#[tokio::test]
async fn only_who_is_signed_in_opens_a_socket_and_only_from_our_own_pages() {
    let Site { server, mut eve, .. } = site().await;
    let answer = eve.get("/api/automerge-repo").await;
    assert_eq!(
        (answer.status, answer.problem_code().as_str()),
        (StatusCode::UPGRADE_REQUIRED, "no_web_socket")
    );
    let refused = |answer: Answer| {
        assert_eq!(
            (answer.status, answer.problem_code().as_str()),
            (StatusCode::UNAUTHORIZED, "not_signed_in")
        );
    };
    refused(server.client().get("/api/automerge-repo").await);
    let ticket = eve.socket_ticket().await.ticket;
    let path = format!("/api/automerge-repo?ticket={ticket}");
    assert_eq!(server.client().get(&path).await.status, StatusCode::UPGRADE_REQUIRED);
    refused(server.client().get(&path).await);
    refused(server.client().get("/api/automerge-repo?ticket=x").await);
    let request = axum::http::Request::get("/api/automerge-repo")
        .header("authorization", "Basic c2Vzc2lvbjp3cm9uZw==")
        .body(axum::body::Body::empty());
    refused(server.client().send(request.unwrap()).await);
    let request = axum::http::Request::get("/api/automerge-repo")
        .header("sec-websocket-key", "x")
        .header("origin", "https://evil.example")
        .body(axum::body::Body::empty());
    assert_eq!(eve.send(request.unwrap()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn before_and_instead_of_a_join_nothing_is_listened_to() {
    let site = site().await;
    let name = document_id::encode(site.id);
    let deep = [b"\xa1\x61x".as_slice(), &[0x81; 200_000]].concat();
    let cases: [(&str, Vec<u8>, u16); 9] = [
        ("nothing", Vec::new(), PROTOCOL),
        ("garbage", b"\xff\x00 not a message".to_vec(), PROTOCOL),
        ("no map", b"\x83\x01\x02\x03".to_vec(), PROTOCOL),
        ("a map that claims everything", b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), PROTOCOL),
        ("a deep hole", deep, PROTOCOL),
        ("a sync message", sync(&name, &message(Vec::new())), PROTOCOL),
        ("a version of tomorrow", join("eve", "2"), PROTOCOL),
        ("the name of the server", join("maintainpro", "1"), POLICY),
        ("a long name", join(&"e".repeat(5_000), "1"), PROTOCOL),
    ];
    for (what, bytes, code) in cases {
        let mut eve = Raw::open(&site.server, &site.eve).await;
        assert_eq!(eve.ask(bytes).await.close_code(), code, "{what}");
    }
    let mut eve = Raw::open(&site.server, &site.eve).await;
    eve.say_text("hello").await;
    assert_eq!(eve.hear().await.close_code(), UNSUPPORTED);
    site.unharmed().await;
}

#[tokio::test]
async fn messages_that_are_none_close_the_socket_with_a_reason() {
    let site = site().await;
    let name = document_id::encode(site.id);
    let change = site.honest(1).raw_bytes().to_vec();
    let of_type = |kind: u8| {
        let mut chunk = change.clone();
        chunk[8] = kind;
        sync(&name, &message(vec![chunk]))
    };
    let mut checksum = change.clone();
    checksum[4] ^= 1;
    // In front: no heads, no needs, one summary without heads, and so many bytes of it.
    let bloom = |bytes: &[u8]| sync(&name, &[&[0x42, 0, 0, 1, 0, bytes.len() as u8], bytes, &[0]].concat());
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("no data", map(&[("type", "sync"), ("documentId", &name)], None), PROTOCOL),
        ("no document", map(&[("type", "request")], Some(b"x")), PROTOCOL),
        ("no bytes", sync(&name, &[]), PROTOCOL),
        ("garbage", sync(&name, b"garbage"), PROTOCOL),
        ("half a message", sync(&name, &message(vec![change.clone()])[..40]), PROTOCOL),
        ("hashes without end", sync(&name, &[0x42, 0xff, 0xff, 0xff, 0xff, 0x0f]), SIZE),
        ("summaries without end", sync(&name, &[0x42, 0, 0, 0xff, 0x7f]), SIZE),
        ("a number without end", sync(&name, &[&[0x42][..], &[0xff; 40]].concat()), PROTOCOL),
        ("a filter with four thousand million probes", bloom(&[1, 8, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]), SIZE),
        ("a filter of nothing", bloom(&[5, 0, 7]), PROTOCOL),
        ("a filter larger than it is", bloom(&[100, 10, 7, 0]), PROTOCOL),
        ("a document", of_type(0), PROTOCOL),
        ("a bundle", of_type(3), PROTOCOL),
        ("an unknown chunk", of_type(9), PROTOCOL),
        ("a wrong checksum", sync(&name, &message(vec![checksum])), PROTOCOL),
        ("half a change", sync(&name, &message(vec![change[..60].to_vec()])), PROTOCOL),
        ("a bomb", sync(&name, &message(vec![deflated(&vec![0; 64 * 1024 * 1024])])), SIZE),
        ("many bombs", sync(&name, &message(vec![deflated(&vec![0; 60 * 1024]); 100])), SIZE),
        ("what does not inflate", of_type(2), PROTOCOL),
        ("a huge message", sync(&name, &vec![0; 1024 * 1024]), SIZE),
        ("a huge word", ephemeral(&name, &vec![0; 20 * 1024]), SIZE),
    ];
    for (what, bytes, code) in cases {
        let mut eve = Raw::join(&site.server, &site.eve).await;
        // Words pass between those who look at a document.
        assert_eq!(eve.offer(site.id, Vec::new()).await.kind(), "sync", "{what}");
        assert_eq!(eve.ask(bytes).await.close_code(), code, "{what}");
    }
    site.unharmed().await;
}

/// A chunk that says it is a deflated change, with the checksum of what it inflates to.
fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    let small = encoder.finish().unwrap();
    let hash = Sha256::digest([&[1][..], &length(data.len()), data].concat());
    [&[0x85, 0x6f, 0x4a, 0x83], &hash[..4], &[2], &length(small.len()), &small].concat()
}

fn length(mut of: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while of > 0x7f {
        bytes.push((of & 0x7f) as u8 | 0x80);
        of >>= 7;
    }
    bytes.push(of as u8);
    bytes
}

/// The clock stands still, so that all is said within one second.
#[tokio::test]
async fn of_a_flood_of_words_some_pass_and_everybody_goes_on() {
    let clock = Clock::manual(Clock::System.now());
    let site = site_with(Settings { clock, ..Settings::default() }).await;
    let name = document_id::encode(site.id);
    let mut eve = Raw::join(&site.server, &site.eve).await;
    let ann = site.server.sign_in("demo", "ann@demo.example").await;
    let mut ann = Raw::join(&site.server, &ann).await;
    for client in [&mut eve, &mut ann] {
        assert_eq!(client.offer(site.id, Vec::new()).await.kind(), "sync");
    }
    for _ in 0..1_000 {
        eve.say(ephemeral(&name, b"I am here")).await;
    }
    assert_eq!(eve.ask(sync("x", b"")).await.kind(), "doc-unavailable", "she is still listened to");
    ann.say(sync("x", b"")).await;
    let mut heard = 0;
    while ann.hear().await.kind() == "ephemeral" {
        heard += 1;
    }
    assert!((1..=100).contains(&heard), "{heard}");
    site.unharmed().await;
}

#[tokio::test]
async fn what_names_no_document_is_unavailable() {
    let site = site().await;
    let mut eve = Raw::join(&site.server, &site.eve).await;
    let nowhere = document_id::encode(new_document());
    let long = "1".repeat(200);
    for name in ["", "x", "../../etc", &long, &nowhere] {
        let heard = eve.ask(sync(name, &message(vec![site.honest(1).raw_bytes().to_vec()]))).await;
        assert_eq!(heard.kind(), "doc-unavailable", "{name}");
    }
    assert_eq!(eve.offer(site.id, Vec::new()).await.kind(), "sync");
    site.unharmed().await;
}

#[tokio::test]
async fn changes_that_the_gate_refuses_are_refused_here_with_the_same_codes() {
    let site = site().await;
    let anns = site.ann.actor.to_automerge();
    let genesis = GENESIS_ACTOR.to_automerge();
    let far = std::num::NonZeroU64::new(u64::from(u32::MAX)).unwrap();
    let many = |count: usize| {
        move |change: &mut ExpandedChange| change.operations = vec![change.operations[0].clone(); count]
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("counter_range", site.altered(10, |change| change.start_op = far)),
        ("start_op", site.altered(11, |change| change.start_op = change.start_op.saturating_add(1_000))),
        ("start_op", site.altered(12, |change| change.start_op = std::num::NonZeroU64::MIN)),
        ("seq_gap", site.altered(13, |change| change.seq = 7)),
        ("seq_gap", site.altered(14, |change| change.seq = 0)),
        ("no_dependencies", site.altered(15, |change| change.deps.clear())),
        ("time", site.altered(16, |change| change.time = i64::MIN)),
        ("message_too_long", site.altered(17, |change| change.message = Some("m".repeat(1_000)))),
        ("extra_bytes", site.altered(18, |change| change.extra_bytes = vec![1, 2, 3])),
        ("nothing", site.altered(19, |change| change.operations.clear())),
        ("too_many_operations", site.altered(20, many(6_000))),
        ("foreign_actor", site.altered(21, |change| change.actor_id = anns)),
        ("actor_length", site.altered(22, |change| change.actor_id = vec![1, 2, 3].into())),
        ("actor_length", site.altered(23, |change| change.actor_id = vec![9; 21].into())),
        ("reserved_actor", site.altered(24, |change| change.actor_id = genesis)),
        ("unknown_field", text_change(&site, 25, "colour")),
        ("wrong_type", text_change(&site, 26, "title")),
        ("change_too_long", site.altered(27, |change| change.message = Some("m".repeat(70_000)))),
    ];
    for (code, bytes) in cases {
        let mut eve = Raw::join(&site.server, &site.eve).await;
        assert_eq!(eve.offer(site.id, vec![bytes]).await.refusal(), code);
        // The socket goes on.
        assert_eq!(eve.hear().await.sync().heads, site.heads(), "{code}");
    }
    site.unharmed().await;
}

/// A change that makes a text at this key, as JavaScript strings become one.
fn text_change(site: &Site, actor: u8, key: &str) -> Vec<u8> {
    let mut automerge = site.automerge();
    automerge.set_actor(ActorId::from_bytes([actor; 16]).to_automerge());
    let mut transaction = automerge.transaction();
    transaction.put_object(ROOT, key, automerge::ObjType::Text).unwrap();
    transaction.commit();
    automerge.get_last_local_change().unwrap().raw_bytes().to_vec()
}

#[tokio::test]
async fn what_builds_upon_nothing_is_asked_for_and_a_flood_of_it_is_not_kept() {
    let site = site().await;
    let mut eve = Raw::join(&site.server, &site.eve).await;
    let unknown = ChangeHash([7; 32]);
    let orphan = site.altered(30, |change| change.deps = vec![unknown]);
    let heard = eve.offer(site.id, vec![orphan]).await.sync();
    assert_eq!(heard.need, [unknown]);
    let padding = "p".repeat(2_000);
    let flood = (0..200_u8).map(|n| {
        let mut orphan = ExpandedChange::from(&site.change(n, &padding));
        orphan.deps = vec![ChangeHash([n; 32])];
        Change::from(orphan).raw_bytes().to_vec()
    });
    let flood = flood.collect();
    assert_eq!(eve.offer(site.id, flood).await.close_code(), SIZE);
    site.unharmed().await;
}

#[tokio::test]
async fn a_change_that_came_before_its_past_lands_with_it() {
    let site = site().await;
    let mut eve = Raw::join(&site.server, &site.eve).await;
    let first = site.honest(60);
    let second = site.altered(60, |change| {
        change.seq = 2;
        change.deps = vec![first.hash()];
        change.start_op = change.start_op.saturating_add(1);
    });
    let head = Change::try_from(&second[..]).unwrap().hash();
    assert_eq!(eve.offer(site.id, vec![second]).await.sync().need, [first.hash()]);
    let heard = eve.offer(site.id, vec![first.raw_bytes().to_vec()]).await.sync();
    assert_eq!((heard.heads, heard.need), (vec![head], Vec::new()));
}

#[tokio::test]
async fn an_edit_as_of_before_waits_for_what_it_is_numbered_on_from() {
    let site = site().await;
    let mut eve = Raw::join(&site.server, &site.eve).await;
    let first = site.honest(80);
    let mut automerge = site.automerge();
    automerge.apply_changes([first.clone()]).unwrap();
    automerge.set_actor(ActorId::from_bytes([81; 16]).to_automerge());
    let mut transaction = automerge.transaction_at(PatchLog::inactive(), &site.heads()).unwrap();
    transaction.put(ROOT, "origin_ref", "R-7").unwrap();
    transaction.commit();
    let isolated = automerge.get_changes(&site.heads()).into_iter().find(|it| it.hash() != first.hash());
    let isolated = isolated.unwrap().raw_bytes().to_vec();
    // A client whose filter held the first one back by mistake; it is asked for, and nothing is refused.
    let mut offer = SyncMessage::decode(&message(vec![isolated])).unwrap();
    offer.heads = automerge.get_heads();
    let heard = eve.ask(sync(&document_id::encode(site.id), &offer.encode())).await.sync();
    assert!(heard.need.contains(&first.hash()), "{:?}", heard.need);
    let mut heads = eve.offer(site.id, vec![first.raw_bytes().to_vec()]).await.sync().heads;
    heads.sort_unstable();
    assert_eq!(heads, automerge.get_heads());
}

#[tokio::test]
async fn two_changes_with_one_number_do_not_both_land() {
    let site = site().await;
    let mut eve = Raw::join(&site.server, &site.eve).await;
    let first = site.honest(40).raw_bytes().to_vec();
    let second = site.altered(40, |change| change.time = 5);
    let heard = eve.offer(site.id, vec![first.clone(), second]).await;
    assert_eq!(heard.refusal(), "seq_taken");
    let heads = eve.hear().await.sync().heads;
    assert_eq!(heads, [Change::try_from(&first[..]).unwrap().hash()]);
    // The same once more is nothing new.
    assert_eq!(eve.offer(site.id, vec![first]).await.sync().heads, heads);
    // And somebody else's actor from now on.
    let ann = site.server.sign_in("demo", "ann@demo.example").await;
    let mut other = Raw::join(&site.server, &ann).await;
    let next = site.altered(40, |change| {
        change.seq = 2;
        change.deps = heads.clone();
        change.start_op = change.start_op.saturating_add(1);
    });
    assert_eq!(other.offer(site.id, vec![next]).await.refusal(), "foreign_actor");
}

#[tokio::test]
async fn a_refused_branch_does_not_keep_both_ends_talking() {
    let site = site().await;
    let mut eve = Raw::join(&site.server, &site.eve).await;
    let refused = site.altered(70, |change| change.start_op = change.start_op.saturating_add(9));
    let head = Change::try_from(&refused[..]).unwrap().hash();
    assert_eq!(eve.offer(site.id, vec![refused]).await.refusal(), "start_op");
    eve.hear().await.sync();
    // A client with a refused branch says so whenever it is spoken to. It is answered as long as there is news.
    let name = document_id::encode(site.id);
    let mut answers = 0;
    for _ in 0..5 {
        let mut stands = SyncMessage::decode(&message(Vec::new())).unwrap();
        stands.heads = vec![head];
        eve.say(sync(&name, &stands.encode())).await;
        eve.say(sync("x", b"")).await;
        while let Heard::Message { kind, .. } = eve.hear().await
            && kind != "doc-unavailable"
        {
            answers += 1;
        }
    }
    assert_eq!(answers, 1, "the refused change is not asked for, and the rest is known");
}

#[tokio::test]
async fn a_socket_ends_with_its_session_and_a_document_with_the_right_to_see_it() {
    let site = site().await;
    let mut eve = Raw::join(&site.server, &site.eve).await;
    let ann = site.server.sign_in("demo", "ann@demo.example").await;
    let mut ann = Raw::join(&site.server, &ann).await;
    assert_eq!(eve.offer(site.id, Vec::new()).await.kind(), "sync");
    assert_eq!(ann.offer(site.id, Vec::new()).await.kind(), "sync");
    assert_eq!(eve.client.call(Method::DELETE, "/api/session").await.status, StatusCode::NO_CONTENT);
    assert_eq!(eve.hear().await.close_code(), POLICY);

    site.grant(&[]).await;
    assert_eq!(ann.hear().await.kind(), "doc-unavailable");
    assert_eq!(ann.offer(site.id, Vec::new()).await.kind(), "doc-unavailable");
    // What comes within reach again is offered.
    site.grant(&[RoleGrant { role: Role::Technician.into(), limit: GrantLimit::Organisation }]).await;
    assert_eq!(ann.hear().await.sync().heads, site.heads());
    site.unharmed().await;
}

#[tokio::test]
async fn every_flipped_byte_of_a_message_is_answered() {
    let site = site().await;
    let good = sync(&document_id::encode(site.id), &message(vec![site.honest(50).raw_bytes().to_vec()]));
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for at in 0..good.len() {
        let mut flipped = good.clone();
        flipped[at] ^= 0x55;
        let mut eve = Raw::join(&site.server, &site.eve).await;
        eve.say(flipped).await;
        // What has become a message of another kind is not answered; the next one is.
        eve.say(sync("x", b"")).await;
        *answers.entry(eve.hear().await.kind().to_owned()).or_default() += 1;
    }
    assert!(answers["closed"] > 100, "{answers:?}");
    assert_eq!(verify(&site.server.state.pool, site.ann.organisation, |_| {}).await.unwrap(), []);
}
