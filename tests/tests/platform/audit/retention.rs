//! How long texts of the trail are kept: what is erased goes, and the trail goes on being proven.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use shared_model::instant::{DAY_MS, Timestamp};
use sqlx::{AssertSqlSafe, PgConnection};
use sync_server::audit::bundle::{self, Bundle};
use sync_server::audit::retention::prune;
use sync_server::audit::verify::verify;

use super::Story;

const YEAR_MS: i64 = 366 * DAY_MS;

impl Story {
    async fn owner(&self) -> PgConnection {
        let mut connection = self.server.database.superuser().await;
        sqlx::query("set role maintainpro_owner").execute(&mut connection).await.unwrap();
        connection
    }

    fn in_years(&self, years: i64) -> Timestamp {
        self.server.state.clock.now().plus_millis(years * YEAR_MS)
    }

    async fn keep(&mut self, years: Value) -> StatusCode {
        self.admin.give(Method::PUT, "/api/audit/retention", &json!({ "keep_years": years })).await.status
    }

    async fn contradictions(&self) -> Vec<String> {
        let state = &self.server.state;
        let key = state.audit_key.public().to_vec();
        let verified = verify(&state.pool, self.organisation, &key, &[]).await.unwrap();
        verified.found.iter().map(ToString::to_string).collect()
    }
}

#[tokio::test]
async fn old_texts_go_and_everything_is_proven_as_before() {
    let mut story = Story::begin().await;
    story.grow(5).await;
    let before = story.sign().await;
    assert_eq!(prune(&mut story.owner().await, story.organisation, story.in_years(50)).await.unwrap(), None);
    assert_eq!(story.keep(json!(3)).await, StatusCode::OK);
    let retention = story.admin.get("/api/audit/retention").await.json();
    assert_eq!(retention, json!({ "keep_years": 3 }));
    assert_eq!(story.keep(json!(0)).await, StatusCode::UNPROCESSABLE_ENTITY);

    let count = story.entries("").await.len() as u64;
    let mut owner = story.owner().await;
    assert_eq!(prune(&mut owner, story.organisation, story.in_years(2)).await.unwrap(), Some(0));
    assert_eq!(prune(&mut owner, story.organisation, story.in_years(4)).await.unwrap(), Some(count));
    let left = story.entries("").await;
    let [told] = &left[..] else { panic!("{left:?}") };
    assert_eq!((told.seq, told.entry.action.as_str()), (count + 1, "entries_pruned"));
    assert_eq!(story.contradictions().await, Vec::<String>::new());
    let now = story.sign().await;
    assert!(now.entries.size > before.entries.size);

    let answer = story.admin.get("/api/audit/export.json").await;
    let whole: Bundle = answer.read();
    let key = story.server.state.audit_key.public().to_vec();
    bundle::check(&whole, &key).unwrap();
    assert!(whole.entries[0].content.is_empty() && whole.entries[0].leaf.is_some());
    let mut forged = whole.clone();
    forged.entries[1].leaf = forged.entries[0].leaf;
    assert_eq!(bundle::check(&forged, &key), Err("entry 2 is not what was signed".to_owned()));
}

#[tokio::test]
async fn a_text_that_is_gone_without_an_entry_is_found() {
    let mut story = Story::begin().await;
    story.grow(5).await;
    assert_eq!(story.keep(json!(3)).await, StatusCode::OK);
    prune(&mut story.owner().await, story.organisation, story.in_years(4)).await.unwrap();
    story.grow(2).await;
    let newest = story.sign().await.entries.size;
    let blank = format!("update audit_entry set content = '' where seq = {newest}");
    let mut superuser = story.server.database.superuser().await;
    // Younger than what was erased: by then the clock had gone on.
    let later =
        format!("update audit_entry set received_at = received_at + interval '9 years' where seq = {newest}");
    for sql in [blank, later] {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut superuser).await.unwrap();
    }
    let expected = format!("entries {newest}: its text was erased, and no entry says so");
    assert_eq!(story.contradictions().await, [expected]);
}

#[tokio::test]
async fn what_is_held_stays() {
    let mut story = Story::begin().await;
    story.grow(3).await;
    assert_eq!(story.keep(json!(1)).await, StatusCode::OK);
    let hold = json!({ "reason": "File 4711", "person": story.tech });
    assert_eq!(story.admin.post("/api/legal-holds", &hold).await.status, StatusCode::CREATED);
    let erased = prune(&mut story.owner().await, story.organisation, story.in_years(2)).await.unwrap();
    assert!(erased.is_some_and(|count| count > 0), "what is not held goes: {erased:?}");
    let about: Vec<_> = story.entries(&format!("&person={}", story.tech)).await;
    assert_eq!(about.len(), 3, "{about:?}");

    let all = json!({ "reason": "Everything" });
    assert_eq!(story.admin.post("/api/legal-holds", &all).await.status, StatusCode::CREATED);
    let refused = prune(&mut story.owner().await, story.organisation, story.in_years(2)).await.unwrap_err();
    assert_eq!(refused.to_string(), "everything has to be kept: Everything");
}
