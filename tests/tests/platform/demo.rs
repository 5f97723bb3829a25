//! The demonstration: everybody can sign in, there is work to do, and seeding again changes nothing.

use axum::http::StatusCode;
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::account::SignedIn;
use sync_server::demo;

#[tokio::test]
async fn everybody_of_the_demonstration_can_sign_in_and_finds_work() {
    let server = TestServer::start().await;
    let now = server.state.clock.now();
    let (pool, node) = (&server.state.pool, &server.state.sync);
    assert!(demo::seed_when_empty(pool, node, now).await.unwrap());
    assert!(!demo::seed_when_empty(pool, node, now).await.unwrap(), "it is not empty any more");
    let feed = feed_length(&server).await;
    demo::seed(pool, node, now).await.unwrap();
    assert_eq!(feed_length(&server).await, feed, "seeding again adds nothing");
    for (table, expected) in
        [("work_order", 2_000), ("asset", 200), ("part", 150), ("storeroom", 3), ("checklist_template", 40)]
    {
        assert_eq!(count(&server, table).await, expected, "{table}");
    }
    let mut connection = server.database.superuser().await;
    let sites: i64 = sqlx::query_scalar("select count(*) from location where parent is null")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(sites, 2, "two sites");
    let logins: Vec<_> = demo::logins().collect();
    assert_eq!(logins.len(), 13);
    for (organisation, email) in logins {
        let body = json!({ "email": email, "password": demo::PASSWORD });
        let answer = server.client().post("/api/session", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{email}: {answer:?}");
        assert_eq!(answer.read::<SignedIn>().organisation.slug, organisation, "{email}");
    }
}

#[tokio::test]
async fn the_requester_of_the_demonstration_finds_what_they_asked_for() {
    let server = TestServer::start().await;
    let now = server.state.clock.now();
    demo::seed(&server.state.pool, &server.state.sync, now).await.unwrap();
    let mut client = server.client();
    let body = json!({ "email": "requester@demo.example", "password": demo::PASSWORD });
    assert_eq!(client.post("/api/session", &body).await.status, StatusCode::OK);
    let page = client.get("/api/work-orders?limit=500").await.json();
    let found = page["items"].as_array().unwrap().len();
    assert!((50..500).contains(&found), "{found} of 2,000");
    let id = page["items"][0]["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/api/work-orders/{id}")).await.json()["origin"], "request");
}

async fn count(server: &TestServer, table: &str) -> i64 {
    let mut connection = server.database.superuser().await;
    let sql = format!("select count(*) from {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap()
}

async fn feed_length(server: &TestServer) -> i64 {
    count(server, "feed").await
}
