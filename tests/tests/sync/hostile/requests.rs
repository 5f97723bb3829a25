//! Requests over HTTP that are none, by somebody with a session and by strangers.

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Method, Request, header};

use super::{Case, Chapter, play};

const JSON: &str = "application/json";

pub(super) const SIGNED_IN: Chapter = Chapter::of_technician(
    "Requests with a session",
    &[
        Case::request("a body of nothing", "400 malformed_json", |_| commands("")),
        Case::request("a body that is no JSON", "400 malformed_json", |_| commands("hello")),
        Case::request("half a body", "400 malformed_json", |_| commands("{\"command\":")),
        Case::request("two bodies", "422 invalid_body", |_| commands("{}{}")),
        Case::request("a body that is no text", "400 malformed_json", |_| post(JSON, vec![0xc0, 0x80])),
        Case::request("a body nested 100,000 deep", "422 invalid_body", |_| commands("[".repeat(100_000))),
        Case::request("a command nested 100,000 deep", "400 malformed_json", |_| {
            commands(format!("{{\"command\":{}", "{\"a\":".repeat(100_000)))
        }),
        Case::request("a number beyond every number", "422 invalid_body", |_| {
            commands("{\"command\":1e999}")
        }),
        Case::request("a list for a body", "422 invalid_body", |_| commands("[]")),
        Case::request("a body without a command", "422 invalid_body", |_| commands("{}")),
        Case::request("null for a command", "422 invalid_body", |_| commands("{\"command\":null}")),
        Case::request("a command nobody knows", "422 invalid_body", |_| {
            commands(r#"{"command":{"work_order":{"do":"explode"}}}"#)
        }),
        Case::request("a command with an id that is none", "422 invalid_body", |_| {
            commands(r#"{"id":"x","command":{}}"#)
        }),
        Case::request("a body of more than 1 MiB", "413 body_too_large", |_| {
            commands(" ".repeat(1024 * 1024 + 1))
        }),
        Case::request("a body of another type", "415 unsupported_media_type", |_| post("text/plain", "{}")),
        Case::request("a body without a type", "415 unsupported_media_type", |_| {
            built(Request::post("/api/commands"), "{}")
        }),
        Case::request("a form for a command", "415 unsupported_media_type", |_| {
            post("application/x-www-form-urlencoded", "command=x")
        }),
        Case::request("a page of nothing", "400 invalid_limit", |_| get("/api/work-orders?limit=0")),
        Case::request("a page of less than nothing", "400 invalid_limit", |_| {
            get("/api/work-orders?limit=-1")
        }),
        Case::request("a page of everything", "400 invalid_limit", |_| {
            get("/api/work-orders?limit=9000000000")
        }),
        Case::request("a page of more than a number", "400 bad_request", |_| {
            get("/api/work-orders?limit=99999999999999999999")
        }),
        Case::request("a page after no id", "400 bad_request", |_| get("/api/work-orders?after=x")),
        Case::request("a status that is none", "400 unknown_status", |_| {
            get("/api/work-orders?status=exploded")
        }),
        Case::request("SQL in a search", "200", |_| get("/api/work-orders?search='%20or%201=1%20--")),
        Case::request("a nought in a search", "200", |_| get("/api/work-orders?search=a%00b")),
        Case::request("a search that is no text", "200", |_| get("/api/work-orders?search=%ff%fe")),
        Case::request("a work order that is no id", "400 bad_request", |_| get("/api/work-orders/x")),
        Case::request("a work order that is a path", "400 bad_request", |_| {
            get("/api/work-orders/..%2f..%2fetc%2fpasswd")
        }),
        Case::request("a work order of next door", "404 not_found", |scene| {
            get(&format!("/api/work-orders/{}", scene.their_order))
        }),
        Case::request("an asset as a work order", "404 not_found", |scene| {
            get(&format!("/api/work-orders/{}", scene.asset))
        }),
        Case::request("costs that a technician may not see", "403 forbidden", |_| get("/api/costs")),
        Case::request("the cost of a work order a technician may not see", "403 forbidden", |scene| {
            get(&format!("/api/work-orders/{}/cost", scene.order))
        }),
        Case::request("a directory from before the beginning", "200", |_| {
            get("/api/directory?since=-9223372036854775808")
        }),
        Case::request("a directory from no number", "400 bad_request", |_| get("/api/directory?since=x")),
        Case::request("an address that is not there", "404 not_found", |_| get("/api/nothing")),
        Case::request("a method that is not there", "405 method_not_allowed", |_| {
            built(Request::builder().method(Method::PATCH).uri("/api/session"), "")
        }),
        Case::request("a command from another site", "403 cross_site_request", |_| {
            let request = Request::post("/api/commands").header("sec-fetch-site", "cross-site");
            built(request.header(header::CONTENT_TYPE, JSON), "{}")
        }),
        Case::request("a command from another origin", "403 cross_site_request", |_| {
            let request = Request::post("/api/commands").header(header::ORIGIN, "https://evil.example");
            built(request.header(header::CONTENT_TYPE, JSON), "{}")
        }),
        Case::request("a command from no origin at all", "403 cross_site_request", |_| {
            let request = Request::post("/api/commands").header(header::ORIGIN, "null");
            built(request.header(header::CONTENT_TYPE, JSON), "{}")
        }),
    ],
);

pub(super) const STRANGERS: Chapter = Chapter::of_technician(
    "Tickets, cookies and strangers",
    &[
        Case::request("a command without a session", "401 not_signed_in", |_| {
            let request = Request::post("/api/commands").header(header::COOKIE, "theme=dark");
            built(request.header(header::CONTENT_TYPE, JSON), r#"{"command":{}}"#)
        }),
        Case::request("a cookie of nothing", "401 not_signed_in", |_| with_cookie("maintainpro=")),
        Case::request("a cookie of nonsense", "401 not_signed_in", |_| with_cookie("maintainpro=nonsense")),
        Case::request("a cookie of 7,000 bytes", "401 not_signed_in", |_| {
            with_cookie(&format!("maintainpro={}", "x".repeat(7_000)))
        }),
        Case::request("a cookie that is no text", "401 not_signed_in", |_| {
            let request = Request::get("/api/session").header(header::COOKIE, &b"maintainpro=\xff\xfe"[..]);
            built(request, "")
        }),
        Case::request("a guessed session", "401 not_signed_in", |scene| {
            with_cookie(&format!(
                "maintainpro={}.{}",
                scene.eve.organisation.as_uuid().simple(),
                "A".repeat(43)
            ))
        }),
        Case::request("a guessed session next door", "401 not_signed_in", |scene| {
            let organisation = scene.next_door.organisation.as_uuid().simple();
            with_cookie(&format!("maintainpro={organisation}.{}", "A".repeat(43)))
        }),
        Case::request("a ticket for a session", "401 not_signed_in", |scene| {
            with_cookie(&format!("maintainpro={}", scene.spent_ticket))
        }),
        Case::request("a socket without a ticket", "401 ticket_refused", |_| socket("")),
        Case::request("a socket with a ticket of nonsense", "401 ticket_refused", |_| socket("nonsense")),
        Case::request("a socket with a nought for a ticket", "401 ticket_refused", |_| socket("%00")),
        Case::request("a socket with a ticket that opened one", "401 ticket_refused", |scene| {
            socket(&scene.spent_ticket)
        }),
        Case::request("a socket with a ticket in the name of next door", "401 ticket_refused", |scene| {
            let secret = scene.spent_ticket.split_once('.').unwrap().1;
            socket(&format!("{}.{secret}", scene.next_door.organisation.as_uuid().simple()))
        }),
        Case::request("a socket with a ticket of 5,000 bytes", "401 ticket_refused", |_| {
            socket(&"x".repeat(5_000))
        }),
        Case::request("a socket from another site", "403 cross_site_request", |_| {
            built(upgrade("/sync?ticket=x").header(header::ORIGIN, "https://evil.example"), "")
        }),
        Case::request("a socket that is none", "400 bad_request", |_| get("/sync?ticket=x")),
        Case::request("a ticket for a stranger", "401 not_signed_in", |_| {
            built(Request::post("/api/socket-tickets").header(header::COOKIE, "theme=dark"), "")
        }),
        Case::request("a wrong password", "401 wrong_credentials", |_| {
            sign_in(r#"{"email":"ann@demo.example","password":"guess"}"#)
        }),
        Case::request("nobody's e-mail address", "401 wrong_credentials", |_| {
            sign_in(r#"{"email":"zoe@demo.example","password":"guess"}"#)
        }),
        Case::request("SQL for an e-mail address", "401 wrong_credentials", |_| {
            sign_in(r#"{"email":"' or 1=1 --","password":"guess"}"#)
        }),
        Case::request("a nought in an e-mail address", "400 invalid_email", |_| {
            sign_in(r#"{"email":"a\u0000@demo.example","password":"guess"}"#)
        }),
        Case::request("a password of a megabyte", "401 wrong_credentials", |_| {
            let password = "x".repeat(1_000_000);
            sign_in(&format!(r#"{{"email":"ann@demo.example","password":"{password}"}}"#))
        }),
        Case::request("a sign-in on a device that is none", "422 invalid_body", |_| {
            let device = r#"{"id":"x","name":"x"}"#;
            sign_in(&format!(r#"{{"email":"ann@demo.example","password":"guess","device":{device}}}"#))
        }),
    ],
);

fn built(request: Builder, body: impl Into<Body>) -> Request<Body> {
    request.body(body.into()).unwrap()
}

fn get(path: &str) -> Request<Body> {
    built(Request::get(path), "")
}

fn post(content_type: &str, body: impl Into<Body>) -> Request<Body> {
    built(Request::post("/api/commands").header(header::CONTENT_TYPE, content_type), body)
}

fn commands(body: impl Into<Body>) -> Request<Body> {
    post(JSON, body)
}

fn sign_in(body: &str) -> Request<Body> {
    built(Request::post("/api/session").header(header::CONTENT_TYPE, JSON), body.to_owned())
}

fn with_cookie(cookie: &str) -> Request<Body> {
    built(Request::get("/api/session").header(header::COOKIE, cookie), "")
}

fn upgrade(path: &str) -> Builder {
    Request::get(path)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
}

fn socket(ticket: &str) -> Request<Body> {
    built(upgrade(&format!("/sync?ticket={ticket}")), "")
}

#[tokio::test]
async fn requests_with_a_session() {
    play(&SIGNED_IN).await;
}

#[tokio::test]
async fn requests_of_strangers() {
    play(&STRANGERS).await;
}
