//! Two servers and an import, each a process of its own, write into one database at the same time: one work order is
//! edited a thousand times and one stock is drawn on a thousand times. Nothing is lost and nobody waits for ever.

use std::collections::BTreeSet;
use std::process::Child;
use std::sync::Arc;

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{
    create_part, create_storeroom, create_work_order, deliver, edit_work_order, issue, new_document,
    new_record,
};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::process::{DataFolder, ServerProcess, run_with, spawn_with};
use serde_json::{Value, json};
use shared_model::features::Command;
use shared_model::features::work_order::FieldEdit;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::Role;
use sqlx::PgConnection;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");
const EDITS_EACH: usize = 334;
/// Edits a device makes before it looks whether they have arrived.
const TOGETHER: usize = 24;

struct Site {
    database: Arc<TestDatabase>,
    organisation: OrganisationId,
    data: DataFolder,
    /// Where every process finds the database.
    environment: Vec<(&'static str, String)>,
    superuser: PgConnection,
}

impl Site {
    async fn open() -> Self {
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
        Self { database, organisation, data: DataFolder::create(), environment, superuser }
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    fn server(&self) -> ServerProcess {
        ServerProcess::start_with(PROGRAM, &self.data, &self.environment())
    }

    /// Starts the import of these commands.
    fn import(&self, name: &str, commands: &[Command]) -> Child {
        let file = self.data.path().join(name);
        let line = |command| json!({ "id": new_record(), "command": command }).to_string();
        std::fs::write(&file, commands.iter().map(line).collect::<Vec<_>>().join("\n")).unwrap();
        let file = file.display().to_string();
        let arguments = ["import", "commands", &file, "--organisation=demo", "--json"];
        spawn_with(PROGRAM, &self.data, &self.environment(), &arguments)
    }

    async fn one<T>(&mut self, query: &'static str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(query).fetch_one(&mut self.superuser).await.unwrap()
    }

    /// Waits until a query says so.
    async fn until(&mut self, what: &str, query: &'static str) {
        for _ in 0..3_000 {
            if self.one(query).await {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("not {what}");
    }

    /// Deadlocks this database has seen. A session tells what it saw at its latest when it ends.
    async fn deadlocks(&mut self) -> i64 {
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

async fn device(server: &ServerProcess, email: &str) -> HeadlessDevice {
    let mut client = server.client();
    let signed_in = client.sign_in("demo", email).await;
    HeadlessDevice::start(Account::of(client, signed_in))
}

/// What one writer does, in order.
fn deeds(name: &str, order: DocumentId, room: DocumentId, part: DocumentId) -> Vec<Command> {
    let deed =
        |n| [edit_work_order(order, vec![FieldEdit::AddTag(format!("{name}-{n}"))]), issue(room, part, 1)];
    (0..EDITS_EACH).flat_map(deed).collect()
}

async fn work(device: &mut HeadlessDevice, deeds: Vec<Command>) {
    for some in deeds.chunks(2 * TOGETHER) {
        some.iter().for_each(|command| _ = device.execute(command).unwrap());
        device.until_settled().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_edit_one_document_and_draw_on_one_stock() {
    let mut site = Site::open().await;
    let (first, second) = (site.server(), site.server());
    let (mut ann, mut bob) =
        (device(&first, "ann@demo.example").await, device(&second, "bob@demo.example").await);
    let (order, room, part) = (new_document(), new_document(), new_document());
    for command in [
        create_work_order(order, "Overhaul"),
        create_part(part, "6204"),
        create_storeroom(room, "Main"),
        deliver(room, part, 1_500),
    ] {
        ann.execute(&command).unwrap();
    }
    ann.until_settled().await;
    bob.until("told of everything", |device| device.aggregate(room).is_some()).await;

    let before: i64 = site.one("select max(seq) from feed").await;
    let import = site.import("edits.jsonl", &deeds("import", order, room, part));
    site.until("importing", "select exists (select from feed where seq > 6)").await;
    assert!(before <= 6, "the story begins with six rows at most, not {before}");
    tokio::join!(
        work(&mut ann, deeds("ann", order, room, part)),
        work(&mut bob, deeds("bob", order, room, part)),
    );
    let imported = tokio::task::spawn_blocking(move || import.wait_with_output().unwrap()).await.unwrap();
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let counts: Value = serde_json::from_slice(&imported.stdout).unwrap();
    assert_eq!(counts["imported"], 2 * EDITS_EACH, "{counts}");

    let tags: Vec<String> = site.one("select tags from work_order").await;
    let expected: BTreeSet<String> = ["ann", "bob", "import"]
        .iter()
        .flat_map(|name| (0..EDITS_EACH).map(move |n| format!("{name}-{n}")))
        .collect();
    assert_eq!(tags.into_iter().collect::<BTreeSet<_>>(), expected);
    let left = 1_500_000 - 3 * EDITS_EACH as i64 * 1_000;
    assert_eq!(site.one::<i64>("select quantity_thousandths from stock_balance").await, left);
    assert_eq!(site.one::<i64>("select count(*) from stock_movement").await, 1 + 3 * EDITS_EACH as i64);
    assert_eq!(site.one::<i64>("select count(*) from quarantine").await, 0);
    assert!(site.one::<bool>("select count(*) = max(seq) and min(seq) = 1 from feed").await, "a gap");
    // They really wrote at the same time: each of the three between two rows of another.
    let turns = "select count(*) from (
                     select author is distinct from lag(author) over (order by seq) as turned from feed
                 ) as rows where turned";
    assert!(site.one::<i64>(turns).await > 20, "one after the other");

    drop((ann, bob));
    assert!(first.terminate() && second.terminate());
    let verified =
        run_with(PROGRAM, &site.data, &site.environment(), &["verify-projections", "--organisation=demo"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert_eq!(site.deadlocks().await, 0);

    // Whoever runs the command sees a tampered row, and so does whatever runs it for them.
    sqlx::query("update work_order set title = 'never said'").execute(&mut site.superuser).await.unwrap();
    let verified =
        run_with(PROGRAM, &site.data, &site.environment(), &["verify-projections", "--organisation=demo"]);
    assert!(!verified.status.success());
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(said.contains("demo: work_order: "), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_imports_of_one_file_at_once_come_to_one() {
    let mut site = Site::open().await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/work_orders_excavator.csv");
    let arguments = ["import", "work-orders", file, "--organisation=demo", "--preset=excavator", "--json"];
    let both = [(); 2].map(|()| spawn_with(PROGRAM, &site.data, &site.environment(), &arguments));
    let mut imported = 0;
    for import in both {
        let output = import.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(counts["rejected"], 6, "{counts}");
        imported += counts["imported"].as_i64().unwrap();
    }
    assert_eq!(imported, 24, "every row once");
    assert_eq!(site.one::<i64>("select count(*) from work_order where status = 'closed'").await, 24);
    assert_eq!(site.one::<i64>("select count(*) from asset").await, 3);
    assert_eq!(site.one::<i64>("select count(*) from cost_entry").await, 19);
    let pool = site.database.connect().await;
    assert_eq!(sync_server::projection::verify(&pool, site.organisation, |_| {}).await.unwrap(), []);
    pool.close().await;
    assert_eq!(site.deadlocks().await, 0);
}
