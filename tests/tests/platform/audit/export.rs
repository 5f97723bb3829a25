//! The trail as a file, and checking it without the server.

use axum::http::StatusCode;
use maintainpro_tests::process::{DataFolder, run_with};
use shared_model::audit::Action;
use shared_model::hex;
use sync_server::audit::bundle::{Bundle, check};

use super::Story;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

impl Story {
    async fn bundle(&mut self, query: &str) -> Bundle {
        let answer = self.admin.get(&format!("/api/audit/export.json{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert!(
            answer.header("content-disposition").starts_with("attachment; filename=\"audit-"),
            "{answer:?}"
        );
        answer.read()
    }
}

#[tokio::test]
async fn a_file_is_checked_with_the_public_key_alone_and_every_change_to_it_is_found() {
    let mut story = Story::begin().await;
    story.grow(20).await;
    let key = story.server.state.audit_key.public().to_vec();
    let whole = story.bundle("").await;
    assert_eq!((whole.from, whole.to), (1, 23), "with the entry about taking it away");
    assert_eq!(check(&whole, &key), Ok(()));
    assert!(whole.entries[22].content.contains(Action::AuditExported.code()));
    let part = story.bundle("?from=5&to=9").await;
    assert_eq!((check(&part, &key), part.entries.len()), (Ok(()), 5));

    let changed = |change: fn(&mut Bundle)| {
        let mut bundle = whole.clone();
        change(&mut bundle);
        check(&bundle, &key).unwrap_err()
    };
    let bit = changed(|bundle| {
        let mut bytes = std::mem::take(&mut bundle.entries[6].content).into_bytes();
        bytes[40] ^= 1;
        bundle.entries[6].content = String::from_utf8(bytes).unwrap();
    });
    assert_eq!(bit, "entry 7 is not what was signed");
    let gone = changed(|bundle| drop(bundle.entries.remove(6)));
    assert_eq!(gone, "entry 7 is missing, or not in its place");
    let swapped = changed(|bundle| bundle.entries.swap(6, 7));
    assert_eq!(swapped, "entry 7 is missing, or not in its place");
    let renumbered = changed(|bundle| {
        bundle.entries.swap(0, 1);
        (bundle.entries[0].seq, bundle.entries[1].seq) = (1, 2);
    });
    assert_eq!(renumbered, "entry 1 is not what was signed");
    let cut = changed(|bundle| bundle.entries.truncate(20));
    assert_eq!(cut, "entry 21 is missing, as are all up to 23");
    let hollow = changed(|bundle| {
        bundle.to = u64::MAX;
        bundle.entries.clear();
    });
    assert_eq!(hollow, "it says that it is of 1 to 18446744073709551615, and 23 were signed");
    let head = changed(|bundle| bundle.head.entries.size += 1);
    assert_eq!(head, "the signature of the head does not fit it");
    let format = changed(|bundle| bundle.format.push('x'));
    assert!(format.contains("does not know"), "{format}");
    assert_eq!(check(&whole, &[1; 32]).unwrap_err(), "the head is signed with another key");
}

#[tokio::test]
async fn the_operator_checks_a_file_without_a_database() {
    let mut story = Story::begin().await;
    story.grow(3).await;
    let mut bundle = story.bundle("").await;
    let data = DataFolder::create();
    let file = data.path().join("audit.json");
    let key = hex::encode(story.server.state.audit_key.public());
    let verify = |bundle: &Bundle| {
        std::fs::write(&file, serde_json::to_string(bundle).unwrap()).unwrap();
        let arguments = ["audit", "verify", "--bundle", file.to_str().unwrap(), "--key", &key];
        run_with(PROGRAM, &data, &[], &arguments)
    };
    let done = verify(&bundle);
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && told.contains("Entries 1 to 6 are as they were"), "{done:?}");
    bundle.entries[1].content = bundle.entries[1].content.replace("signed_in", "signed_on");
    let done = verify(&bundle);
    assert!(!done.status.success());
    assert!(String::from_utf8_lossy(&done.stderr).contains("entry 2 is not what was signed"), "{done:?}");
}

#[tokio::test]
async fn the_trail_as_csv_has_a_line_an_entry() {
    let mut story = Story::begin().await;
    story.grow(2).await;
    let answer = story.admin.get("/api/audit/export.csv").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(&answer.body[..]);
    let actions = reader.headers().unwrap().iter().position(|name| name == "action").unwrap();
    let lines: Vec<String> = reader.records().map(|line| line.unwrap()[actions].to_owned()).collect();
    assert_eq!(lines, ["organisation_created", "signed_in", "link_issued", "link_issued", "audit_exported"]);
}

#[tokio::test]
async fn what_cannot_be_taken_away_is_said() {
    let mut story = Story::begin().await;
    for query in ["?from=0", "?from=9&to=8", "?to=1000", "?from=100"] {
        let answer = story.admin.get(&format!("/api/audit/export.json{query}")).await;
        assert_eq!(answer.problem_code(), "invalid_range", "{query}");
    }
    let mut tech = story.server.sign_in("demo", "tech@demo.example").await;
    for path in ["/api/audit/export.json", "/api/audit/export.csv", "/api/audit"] {
        assert_eq!(tech.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(!story.actions().await.contains(&"audit_exported".to_owned()), "nothing was taken away");
}
