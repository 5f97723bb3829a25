//! Channels beside the socket: packs, handing in, and the door of automerge-repo.

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Request, header};
use shared_model::identity::DocumentId;
use shared_model::sync_protocol::{DEPOSIT_SCHEME, PackPlace, PackToken, Urgency, fingerprint};

use super::scene::Scene;
use super::{Case, Chapter, play};

pub(super) const PACKS: Chapter = Chapter::of_technician(
    "Packs",
    &[
        Case::request("a pack without a session", "401 not_signed_in", |_| {
            built(Request::get("/api/packs").header(header::COOKIE, "theme=dark"))
        }),
        Case::request("a pack with a ticket for a session", "401 not_signed_in", |scene| {
            let cookie = format!("maintainpro={}", scene.spent_ticket);
            built(Request::get("/api/packs").header(header::COOKIE, cookie))
        }),
        Case::request("a pack with a token of nothing", "400 unknown_pack", |_| pack("")),
        Case::request("a pack with a token of nonsense", "400 unknown_pack", |_| pack("nonsense")),
        Case::request("a pack with a nought for a token", "400 unknown_pack", |_| pack("%00")),
        Case::request("a pack with a token that is no text", "400 unknown_pack", |_| pack("%ff%fe")),
        Case::request("a pack with a path for a token", "400 unknown_pack", |_| {
            pack("..%2f..%2fetc%2fpasswd")
        }),
        Case::request("a pack with a token of 5,000 bytes", "400 unknown_pack", |_| pack(&"0".repeat(5_000))),
        Case::request("a pack with half a token", "400 unknown_pack", |scene| {
            let token = token(scene, 0, None);
            pack(&token[..token.len() / 2])
        }),
        Case::request("a pack with a byte after the token", "400 unknown_pack", |scene| {
            pack(&(token(scene, 0, None) + "00"))
        }),
        Case::request("a pack under the rights of others", "409 rights_changed", |scene| {
            let theirs = fingerprint(scene.ann.sender.grants.as_ref().unwrap()).try_into().unwrap();
            let place = PackPlace::Rows { after: None };
            pack(&PackToken { rights: theirs, since: 0, chain: [0; 16], place }.encode())
        }),
        Case::request("a pack since the end of time", "409 history_changed", |scene| {
            pack(&token(scene, u64::MAX, None))
        }),
        Case::request("a pack since a moment of another history", "409 history_changed", |scene| {
            pack(&token(scene, 1, None))
        }),
        Case::request("a pack after a document next door", "200", |scene| {
            pack(&token(scene, 0, Some(scene.their_order)))
        }),
        Case::request("a pack after the last document there can be", "200", |scene| {
            pack(&token(scene, 0, Some(DocumentId::from_bytes([0xff; 16]))))
        }),
        Case::request("a pack in an encoding nobody knows", "200", |_| {
            built(Request::get("/api/packs").header(header::ACCEPT_ENCODING, "bomb;q=9, ,;,*;q=0"))
        }),
    ],
);

pub(super) const DEPOSITS: Chapter = Chapter::of_technician(
    "Handing in",
    &[
        Case::request("work handed in without a credential", "401 credential_refused", |_| {
            built(Request::post("/api/deposits"))
        }),
        Case::request("work handed in with a credential of nothing", "401 credential_refused", |_| {
            deposit("")
        }),
        Case::request("work handed in with nonsense", "401 credential_refused", |_| deposit("nonsense")),
        Case::request("work handed in with 5,000 bytes of credential", "401 credential_refused", |_| {
            deposit(&"x".repeat(5_000))
        }),
        Case::request("work handed in with a guessed credential", "401 credential_refused", |scene| {
            let organisation = scene.eve.organisation.as_uuid().simple();
            deposit(&format!("{organisation}.{}", "A".repeat(43)))
        }),
        Case::request("work handed in next door", "401 credential_refused", |scene| {
            let organisation = scene.next_door.organisation.as_uuid().simple();
            deposit(&format!("{organisation}.{}", "A".repeat(43)))
        }),
        Case::request("a ticket for a credential", "401 credential_refused", |scene| {
            deposit(&scene.spent_ticket)
        }),
        Case::request("a credential that is no text", "401 credential_refused", |_| {
            built(Request::post("/api/deposits").header(header::AUTHORIZATION, &b"Deposit \xff\xfe"[..]))
        }),
        Case::request("a credential of another kind", "401 credential_refused", |_| {
            built(Request::post("/api/deposits").header(header::AUTHORIZATION, "Bearer x"))
        }),
        Case::request("work handed in from another origin", "403 cross_site_request", |_| {
            built(Request::post("/api/deposits").header(header::ORIGIN, "https://evil.example"))
        }),
        Case::request("work of a megabyte and more", "413 body_too_large", |_| {
            Request::post("/api/deposits").body(vec![0; 1024 * 1024 + 1].into()).unwrap()
        }),
        Case::request("a look at what others handed in", "403 forbidden", |_| {
            built(Request::get("/api/deposits"))
        }),
        Case::request("a decision about what is not there", "404 not_found", |scene| {
            let path = format!("/api/deposits/{}/accept", scene.order);
            built(Request::post(path))
        }),
        Case::request("a decision about what is no id", "400 bad_request", |_| {
            built(Request::post("/api/deposits/x/decline"))
        }),
    ],
);

pub(super) const GUESTS: Chapter = Chapter::of_technician(
    "The door of automerge-repo",
    &[
        Case::request("a guest without a session", "401 not_signed_in", |_| {
            built(guest("").header(header::COOKIE, "theme=dark"))
        }),
        Case::request("a guest with a ticket of nonsense", "401 not_signed_in", |_| {
            built(guest("?ticket=x"))
        }),
        Case::request("a guest with a nought for a ticket", "401 not_signed_in", |_| {
            built(guest("?ticket=%00"))
        }),
        Case::request("a guest with a ticket that opened a socket", "401 not_signed_in", |scene| {
            built(guest(&format!("?ticket={}", scene.spent_ticket)))
        }),
        Case::request("a guest with a password that is no token", "401 not_signed_in", |_| {
            built(guest("").header(header::AUTHORIZATION, "Basic c2Vzc2lvbjp3cm9uZw=="))
        }),
        Case::request("a guest with a password that is no Base64", "426 no_web_socket", |_| {
            built(guest("").header(header::AUTHORIZATION, "Basic \u{21}\u{21}"))
        }),
        Case::request("a guest from another origin", "403 cross_site_request", |_| {
            built(guest("").header(header::ORIGIN, "https://evil.example").header("sec-websocket-key", "x"))
        }),
        Case::request("a guest who opens no socket", "426 no_web_socket", |_| built(guest(""))),
        Case::request("a guest who posts", "405 method_not_allowed", |_| {
            built(Request::post("/api/automerge-repo"))
        }),
    ],
);

fn built(request: Builder) -> Request<Body> {
    request.body(Body::empty()).unwrap()
}

fn pack(token: &str) -> Request<Body> {
    built(Request::get(format!("/api/packs?next={token}")))
}

/// A token that somebody made up under Eve's own rights.
fn token(scene: &Scene, since: u64, after: Option<DocumentId>) -> String {
    let rights = fingerprint(scene.eve.sender.grants.as_ref().unwrap()).try_into().unwrap();
    let place = PackPlace::Documents { urgency: Urgency::Rest, after };
    PackToken { rights, since, chain: [0; 16], place }.encode()
}

fn deposit(credential: &str) -> Request<Body> {
    let credential = format!("{DEPOSIT_SCHEME} {credential}");
    built(Request::post("/api/deposits").header(header::AUTHORIZATION, credential))
}

fn guest(query: &str) -> Builder {
    Request::get(format!("/api/automerge-repo{query}"))
}

#[tokio::test]
async fn packs_of_others() {
    play(&PACKS).await;
}

#[tokio::test]
async fn work_that_is_handed_in() {
    play(&DEPOSITS).await;
}

#[tokio::test]
async fn guests_at_the_door() {
    play(&GUESTS).await;
}
