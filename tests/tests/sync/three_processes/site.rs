//! A database with an organisation, and the processes that work on it.

use std::process::{Child, Output};
use std::sync::Arc;

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::new_record;
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::process::{DataFolder, ServerProcess, run_with, spawn_with};
use maintainpro_tests::until::until;
use serde_json::json;
use shared_model::features::Command;
use shared_model::identity::OrganisationId;
use shared_model::permission::Role;
use sqlx::PgConnection;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

/// One database, and whoever works on it.
pub struct Site {
    pub database: Arc<TestDatabase>,
    pub organisation: OrganisationId,
    pub superuser: PgConnection,
    data: DataFolder,
    /// Where every process finds the database.
    environment: Vec<(&'static str, String)>,
}

impl Site {
    pub async fn open() -> Self {
        let database = TestDatabase::create().await;
        let organisation = create_organisation(&database, "demo").await;
        for email in ["ann@demo.example", "bob@demo.example"] {
            create_person(&database, organisation, email, Role::Admin).await;
        }
        let environment = vec![
            ("DATABASE_URL", database.application_url()),
            ("MAINTAINPRO_MIGRATE_URL", database.superuser_url()),
        ];
        let superuser = database.superuser().await;
        Self { database, organisation, superuser, data: DataFolder::create(), environment }
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    pub fn server(&self) -> ServerProcess {
        ServerProcess::start_with(PROGRAM, &self.data, &self.environment())
    }

    /// Starts another command of the program.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        spawn_with(PROGRAM, &self.data, &self.environment(), arguments)
    }

    /// Starts the import of these commands.
    pub fn import(&self, commands: &[Command]) -> Child {
        let file = self.data.path().join("commands.jsonl");
        let line = |command| json!({ "id": new_record(), "command": command }).to_string();
        std::fs::write(&file, commands.iter().map(line).collect::<Vec<_>>().join("\n")).unwrap();
        self.spawn(&["import", "commands", &file.display().to_string(), "--organisation=demo", "--json"])
    }

    pub fn verify_projections(&self) -> Output {
        let arguments = ["verify-projections", "--organisation=demo"];
        run_with(PROGRAM, &self.data, &self.environment(), &arguments)
    }

    pub async fn one<T>(&mut self, query: &'static str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(query).fetch_one(&mut self.superuser).await.unwrap()
    }

    /// Waits until a query says so.
    pub async fn until(&mut self, what: &str, query: &'static str) {
        until(what, async || self.one::<bool>(query).await.then_some(()).ok_or(query)).await;
    }

    /// Deadlocks this database has seen. A session tells what it saw at its latest when it ends.
    pub async fn deadlocks(&mut self) -> i64 {
        self.database.pool.close().await;
        self.until(
            "alone",
            "select not exists (select from pg_stat_activity
                                where datname = current_database() and pid <> pg_backend_pid()
                                  and backend_type = 'client backend')",
        )
        .await;
        self.one("select deadlocks from pg_stat_database where datname = current_database()").await
    }
}
