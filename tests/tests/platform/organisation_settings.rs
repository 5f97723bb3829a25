//! What an organisation says of itself: changed by whoever administers it, told to every device, and to nobody else.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::SignedIn;
use shared_model::audit::{ListedEntry, Said};
use shared_model::directory::{Directory, DirectoryOrganisation};
use shared_model::permission::Role;

const SETTINGS: &str = "/api/organisation/settings";
const LOGO: &str = "/api/organisation/logo";
/// The head of a picture of 320 by 80 pixels, which is all that is looked at.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x40\0\0\0\x50\x08\x06\0\0\0";
const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x3f\x01\0\x4f\0\0";

struct Story {
    server: TestServer,
    admin: Client,
    tech: Client,
}

impl Story {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let organisation = create_organisation(&server.database, "demo").await;
        create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
        create_person(&server.database, organisation, "tech@demo.example", Role::Technician).await;
        let admin = server.sign_in("demo", "ann@demo.example").await;
        let tech = server.sign_in("demo", "tech@demo.example").await;
        Self { server, admin, tech }
    }

    async fn change(&mut self, body: Value) -> Answer {
        self.admin.give(Method::PATCH, SETTINGS, &body).await
    }

    /// What the trail says of it, newest first.
    async fn entries(&mut self) -> Vec<ListedEntry> {
        self.admin.get("/api/audit?action=organisation_changed").await.read()
    }

    async fn directory(&mut self, since: i64) -> Directory {
        self.tech.get(&format!("/api/directory?since={since}")).await.read()
    }
}

fn text(said: &str) -> Option<Said> {
    Some(said.into())
}

/// Field, before and after of each change.
fn changes(listed: &ListedEntry) -> Vec<(&str, Option<Said>, Option<Said>)> {
    let changes = listed.entry.changes.iter();
    changes.map(|change| (change.field.as_str(), change.before.clone(), change.after.clone())).collect()
}

#[tokio::test]
async fn whoever_administers_says_what_the_organisation_is_and_every_device_hears_it() {
    let mut story = Story::begin().await;
    let nothing = json!({ "name": "The demo", "accent_colour": null, "language": null, "time_zone": null,
        "logo": null });
    assert_eq!(story.admin.get(SETTINGS).await.json(), nothing);
    let before = story.directory(0).await;
    assert_eq!(
        before.organisation.map(|told| (told.name, told.accent_colour)),
        Some(("The demo".into(), None))
    );

    let wanted = json!({ "name": " Riverside Plant ", "accent_colour": "#7A1FA2", "language": "de",
        "time_zone": "Europe/Oslo" });
    let answer = story.change(wanted).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let now = json!({ "name": "Riverside Plant", "accent_colour": "#7a1fa2", "language": "de",
        "time_zone": "Europe/Oslo", "logo": null });
    assert_eq!(answer.json(), now);
    assert_eq!(story.admin.get(SETTINGS).await.json(), now);

    let told = story.directory(before.version).await;
    let expected = DirectoryOrganisation {
        name: "Riverside Plant".to_owned(),
        accent_colour: Some("#7a1fa2".to_owned()),
        logo: None,
        language: Some("de".to_owned()),
        time_zone: Some("Europe/Oslo".to_owned()),
    };
    assert_eq!(told.organisation, Some(expected.clone()));
    assert!(told.people.is_empty(), "and nothing but that: {told:?}");
    assert_eq!(story.directory(told.version).await.organisation, None, "a device hears it once");
    assert_eq!(story.directory(0).await.organisation, Some(expected), "and a new one with everything else");
    let signed_in: SignedIn = story.tech.get("/api/session").await.read();
    assert_eq!(signed_in.organisation.name, "Riverside Plant");
}

#[tokio::test]
async fn every_change_is_in_the_trail_with_what_it_was_and_became() {
    let mut story = Story::begin().await;
    story.change(json!({ "accent_colour": "#7a1fa2", "time_zone": "Europe/Oslo" })).await;
    story.change(json!({ "name": "Riverside", "accent_colour": "#7a1fa2" })).await;
    let same = story.change(json!({ "name": "Riverside", "time_zone": "Europe/Oslo" })).await;
    assert_eq!(same.status, StatusCode::OK, "{same:?}");
    story.change(json!({ "accent_colour": null, "time_zone": null })).await;
    let entries = story.entries().await;
    let said: Vec<_> = entries.iter().map(changes).collect();
    assert_eq!(
        said,
        [
            vec![("accent_colour", text("#7a1fa2"), None), ("time_zone", text("Europe/Oslo"), None)],
            vec![("name", text("The demo"), text("Riverside"))],
            vec![("accent_colour", None, text("#7a1fa2")), ("time_zone", None, text("Europe/Oslo"))],
        ],
        "what stays the same is no change"
    );
    let now = story.admin.get(SETTINGS).await.json();
    assert_eq!((&now["name"], &now["accent_colour"]), (&json!("Riverside"), &Value::Null));
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_what_would_do() {
    let mut story = Story::begin().await;
    for (body, field, says) in [
        (json!({ "name": " " }), "name", "A name is needed"),
        (json!({ "name": "x".repeat(201) }), "name", "at most 200 bytes"),
        (json!({ "name": "two\nlines" }), "name", "of one line"),
        (json!({ "accent_colour": "red" }), "accent_colour", "six hexadecimal digits"),
        (json!({ "accent_colour": "#7a1fa2;}" }), "accent_colour", "six hexadecimal digits"),
        (json!({ "accent_colour": "#ffeb3b" }), "accent_colour", "4.50 is needed"),
        (json!({ "accent_colour": "#777777" }), "accent_colour", "its contrast is 4.47"),
        (json!({ "language": "tlh" }), "language", "en and de"),
        (json!({ "time_zone": "Mars/Olympus" }), "time_zone", "for example Europe/Berlin"),
        (json!({ "time_zone": "" }), "time_zone", "no such time zone"),
        // One that is fine does not carry along another that is not.
        (json!({ "name": "Riverside", "language": "xx" }), "language", "en and de"),
    ] {
        let refused = story.change(body.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(refused.problem_code(), "value", "{body}");
        let problem = refused.json();
        assert_eq!(problem["field"], field, "{body}");
        assert!(problem["title"].as_str().unwrap().contains(says), "{body}: {problem}");
    }
    assert_eq!(story.admin.get(SETTINGS).await.json()["name"], "The demo");
    assert_eq!(story.entries().await.len(), 0);
    assert_eq!(story.change(json!({ "name": 7 })).await.problem_code(), "invalid_body");
}

#[tokio::test]
async fn a_logo_is_a_picture_and_served_as_nothing_else() {
    let mut story = Story::begin().await;
    assert_eq!(story.tech.get(LOGO).await.status, StatusCode::NOT_FOUND);
    let before = story.directory(0).await.version;
    assert_eq!(story.admin.put_file(LOGO, PNG).await.status, StatusCode::NO_CONTENT);
    let served = story.tech.get(LOGO).await;
    assert_eq!((served.status, &served.body[..]), (StatusCode::OK, PNG));
    assert_eq!(served.header("content-type"), "image/png");
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert_eq!(served.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(served.header("cache-control"), "no-store", "nothing of it stays in a browser that signs out");
    let tag = served.header("etag").to_owned();
    let again = Request::get(LOGO).header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
    let again = story.tech.send(again).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));

    let told = story.directory(before).await;
    let address = told.organisation.unwrap().logo.unwrap();
    assert!(address.starts_with("data:image/png;base64,iVBORw0KGgo"), "{address}");
    let facts = story.admin.get(SETTINGS).await.json()["logo"].clone();
    assert_eq!((&facts["width"], &facts["height"]), (&json!(320), &json!(80)));
    assert_eq!(format!("\"{}\"", facts["sha256"].as_str().unwrap()), tag);

    assert_eq!(story.admin.put_file(LOGO, PNG).await.status, StatusCode::NO_CONTENT, "the same again");
    assert_eq!(story.directory(told.version).await.organisation, None, "is no news");
    assert_eq!(story.admin.put_file(LOGO, WEBP).await.status, StatusCode::NO_CONTENT);
    assert_ne!(story.tech.get(LOGO).await.header("etag"), tag);
    assert_eq!(story.tech.get(LOGO).await.header("content-type"), "image/webp");
    for _ in 0..2 {
        assert_eq!(story.admin.call(Method::DELETE, LOGO).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(story.directory(told.version).await.organisation.unwrap().logo, None);
    let entries = story.entries().await;
    let said: Vec<_> = entries.iter().flat_map(changes).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said.iter().all(|(field, ..)| *field == "logo"), "{said:?}");
    let png = format!("image/png 320 × 80 {}", &tag[1..17]);
    assert_eq!((&said[2].1, &said[2].2), (&None, &text(&png)));
    assert_eq!(said[1].1, text(&png), "what it was before");
    assert_eq!(said[0].2, None, "and then there was none");
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_a_one_is_no_logo() {
    let mut story = Story::begin().await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    let mut wide = PNG.to_vec();
    wide[16..20].copy_from_slice(&2_049_u32.to_be_bytes());
    let mut long = PNG.to_vec();
    long.resize(256 * 1024 + 1, 0);
    for (content, code) in [
        (svg, "logo_format"),
        (b"<!doctype html><script>alert(1)</script>".to_vec(), "logo_format"),
        (b"GIF89a\x01\0\x01\0\x80\0\0".to_vec(), "logo_format"),
        (PNG[..20].to_vec(), "logo_format"),
        (Vec::new(), "logo_format"),
        (wide, "logo_side"),
        (long, "logo_too_large"),
    ] {
        let refused = story.admin.put_file(LOGO, &content).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        assert_eq!(refused.problem_code(), code);
        assert_eq!(refused.json()["field"], "logo");
    }
    let huge = story.admin.put_file(LOGO, &vec![0; 1024 * 1024 + 1]).await;
    assert_eq!(
        (huge.status, huge.problem_code()),
        (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large".to_owned())
    );
    assert_eq!(story.tech.get(LOGO).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_whoever_administers_changes_it_and_no_other_organisation_sees_it() {
    let mut story = Story::begin().await;
    let refused = [
        story.tech.get(SETTINGS).await,
        story.tech.give(Method::PATCH, SETTINGS, &json!({ "name": "Mine" })).await,
        story.tech.put_file(LOGO, PNG).await,
        story.tech.call(Method::DELETE, LOGO).await,
    ];
    for refused in refused {
        assert_eq!((refused.status, refused.problem_code()), (StatusCode::FORBIDDEN, "forbidden".to_owned()));
    }
    story.change(json!({ "name": "Riverside", "accent_colour": "#7a1fa2" })).await;
    story.admin.put_file(LOGO, PNG).await;

    let other = create_organisation(&story.server.database, "other").await;
    create_person(&story.server.database, other, "zoe@other.example", Role::Admin).await;
    let mut zoe = story.server.sign_in("other", "zoe@other.example").await;
    assert_eq!(zoe.get(LOGO).await.status, StatusCode::NOT_FOUND);
    let theirs = zoe.get(SETTINGS).await.json();
    assert_eq!((&theirs["name"], &theirs["accent_colour"]), (&json!("The other"), &Value::Null));
    let directory: Directory = zoe.get("/api/directory?since=0").await.read();
    assert_eq!(directory.organisation.map(|told| (told.name, told.logo)), Some(("The other".into(), None)));
    assert_eq!(zoe.call(Method::DELETE, LOGO).await.status, StatusCode::NO_CONTENT);
    assert_eq!(story.tech.get(LOGO).await.status, StatusCode::OK, "theirs is not ours");
}
