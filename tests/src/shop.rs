//! A server with one organisation and an administrator who gives commands as JSON, the way the API and the audit
//! trail spell them, and looks at the rows they make.

use serde_json::{Value, json};
use shared_model::features::Command;
use shared_model::permission::Role;
use sqlx::AssertSqlSafe;
use sync_server::projection::verify;

use crate::hand::Hand;
use crate::people::{create_organisation, create_person};
use crate::server::TestServer;

/// A server and its administrator.
pub struct Shop {
    /// The server.
    pub server: TestServer,
    /// The administrator, on a device.
    pub ann: Hand,
}

impl Shop {
    /// Opens an empty one.
    pub async fn open() -> Self {
        let server = TestServer::start().await;
        let organisation = create_organisation(&server.database, "demo").await;
        create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
        let ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
        Self { server, ann }
    }

    /// Gives a command on the device; it must be accepted.
    pub async fn give(&mut self, command: Value) {
        let parsed: Command =
            serde_json::from_value(command.clone()).unwrap_or_else(|error| panic!("{error}: {command}"));
        self.ann.act(&self.server.state.sync, &parsed).await;
    }

    /// The rows of a table (a condition may follow its name), sorted by their text. What the feed says must be what is there.
    pub async fn rows(&self, table: &str) -> Vec<Value> {
        let differences = verify(&self.server.state.pool, self.ann.organisation, |_| {}).await.unwrap();
        assert_eq!(differences, []);
        let mut connection = self.server.database.superuser().await;
        let query = format!(
            "select coalesce(json_agg(to_json(t) order by t::text), '[]')::text from (select * from {table}) t"
        );
        let text: String = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut connection).await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The only row of a table.
    pub async fn row(&self, table: &str) -> Value {
        let mut rows = self.rows(table).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }
}

/// Every member of `expected` is in `row`.
pub fn assert_holds(row: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&row[name], value, "{name} of {row}");
    }
    assert!(json!({}) != *expected, "nothing was expected");
}
