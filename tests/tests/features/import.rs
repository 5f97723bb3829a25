//! Importing history: every row or a reason, never twice, beside a running server and alone.

use std::path::PathBuf;

use maintainpro_tests::people;
use maintainpro_tests::process::{DataFolder, ServerProcess, run};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::identity::OrganisationId;
use sqlx::{AssertSqlSafe, PgConnection};
use sync_server::features::import::{self, Counts, Options, Report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

fn fixture() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/work_orders_excavator.csv"))
}

/// What is told about the rows of the fixture: line, whether the row was left out, and why.
const TOLD: &[(u64, bool, &str)] = &[
    (15, false, "“PM01” is not a cost; the work order is imported without one"),
    (15, false, "“t start” is not a maintenance type; are the columns shifted by a comma?"),
    (22, false, "“n/a” is not a cost; the work order is imported without one"),
    (23, false, "“1,250.00” is not a cost; the work order is imported without one"),
    (24, false, "“1.005” is not a cost; the work order is imported without one"),
    (25, false, "“” is not a cost; the work order is imported without one"),
    (26, true, "“20.02.2014” is not a date like 2004-07-01"),
    (27, true, "“2014-02-30” is not a date like 2004-07-01"),
    (28, true, "the asset must have a tag of 1 to 64 bytes"),
    (29, true, "the text is empty, so the work order would have no title"),
    (30, true, "the row has 8 cells instead of 5; quote cells that hold a comma"),
    (31, true, "the row has 3 cells instead of 5; quote cells that hold a comma"),
];

struct Import {
    server: TestServer,
    options: Options,
}

impl Import {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let organisation: OrganisationId = people::create_organisation(&server.database, "mine").await;
        Self { server, options: Options { organisation, dry_run: false } }
    }

    async fn run(&self, file: &PathBuf, dry_run: bool) -> Report {
        let rows = import::read_excavator(std::fs::File::open(file).unwrap()).unwrap().collect();
        let options = Options { dry_run, ..self.options };
        let state = &self.server.state;
        import::work_orders(&state.sync, &state.pool, &options, rows, &mut |_, _| {}).await.unwrap()
    }

    async fn one(&self, sql: &str) -> i64 {
        let mut connection: PgConnection = self.server.database.superuser().await;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
    }
}

#[tokio::test]
async fn every_row_of_the_fixture_is_imported_or_explained() {
    let import = Import::begin().await;
    let expected = Counts { rows: 30, imported: 24, updated: 0, unchanged: 0, rejected: 6 };

    assert_eq!(import.run(&fixture(), true).await.counts, expected);
    assert_eq!(import.one("select count(*) from feed").await, 0, "a dry run changes nothing");

    let report = import.run(&fixture(), false).await;
    assert_eq!(report.counts, expected);
    let told: Vec<(u64, bool, &str)> =
        report.lines.iter().map(|line| (line.line, line.rejected, line.message.as_str())).collect();
    assert_eq!(told, TOLD);
    assert_eq!(import.one("select count(*) from work_order where status = 'closed'").await, 24);
    assert_eq!(import.one("select count(*) from asset").await, 3);
    // Credits are kept; unreadable costs are left out.
    assert_eq!(import.one("select count(*) from cost_entry").await, 19);
    assert_eq!(import.one("select count(*) from cost_entry where minor = -24015").await, 1);
    assert_eq!(
        import.one("select count(distinct number) from work_order where number like 'WO-%'").await,
        24
    );
    let dated = "select count(*) from work_order where completed_at::date = '2000-02-29'";
    assert_eq!(import.one(dated).await, 1);
    assert_eq!(import.one("select count(*) from work_order where 'PM06' = any(tags)").await, 1);
    assert_eq!(import.one("select count(*) from work_order where work_type = 'preventive'").await, 3);

    assert_eq!(import.one("select count(*) from work_order where work_type = 'corrective'").await, 21);

    let feed = import.one("select max(seq) from feed").await;
    let again = Counts { imported: 0, unchanged: 24, ..expected };
    assert_eq!(import.run(&fixture(), false).await.counts, again);
    assert_eq!(import.one("select max(seq) from feed").await, feed, "nothing was written");
}

#[tokio::test]
async fn what_an_interrupted_import_left_out_is_added_and_edits_survive() {
    let import = Import::begin().await;
    import.run(&fixture(), false).await;
    let whole = import.one("select count(*) from cost_entry").await;
    // As if an older version had imported without costs: the feed no longer holds one.
    let mut connection = import.server.database.superuser().await;
    let forget = "with gone as (delete from cost_entry where minor = 5550 returning cost_entry_id)
                  delete from feed using gone where item_id = uuid_send(gone.cost_entry_id)";
    assert_eq!(sqlx::query(forget).execute(&mut connection).await.unwrap().rows_affected(), 1);
    let fresh = TestServer::start_on(&import.server.database).await;
    let import = Import { server: fresh, options: import.options };
    let counts = import.run(&fixture(), false).await.counts;
    assert_eq!((counts.imported, counts.updated, counts.unchanged), (0, 1, 23));
    assert_eq!(import.one("select count(*) from cost_entry").await, whole);
}

#[tokio::test]
async fn the_real_file_is_imported_whole_and_a_second_time_as_nothing() {
    let Some(file) = std::env::var_os("MAINTAINPRO_EXCAVATOR_CSV").map(PathBuf::from) else {
        return assert!(fixture().exists(), "without the real file, the fixture's test stands for it");
    };
    let import = Import::begin().await;
    let expected = Counts { rows: 5_485, imported: 5_485, ..Counts::default() };
    assert_eq!(import.run(&file, false).await.counts, expected);
    assert_eq!(import.one("select count(*) from work_order where status = 'closed'").await, 5_485);
    assert_eq!(import.one("select count(distinct number) from work_order").await, 5_485);
    assert_eq!(import.one("select count(*) from asset where tag in ('A','B','C','D','E')").await, 5);
    assert_eq!(import.one("select sum(minor)::bigint from cost_entry").await, 1_750_606_813);
    assert_eq!(import.one("select count(*) from cost_entry").await, 5_484);
    assert_eq!(import.one("select count(*) from work_order where work_type = 'preventive'").await, 153);
    assert_eq!(import.one("select count(*) from work_order where work_type = 'corrective'").await, 5_332);
    for (tag, count) in [("PM01", 0), ("PM02", 0), ("PM04", 7), ("PM05", 4), ("PM06", 98), ("PM13", 6)] {
        let tagged = format!("select count(*) from work_order where '{tag}' = any(tags)");
        assert_eq!(import.one(&tagged).await, count, "{tag}");
    }
    let from_to =
        "select count(*) from (select min(completed_at)::date as first, max(completed_at)::date as last
                   from work_order) as days where first = '2001-07-05' and last = '2012-12-13'";
    assert_eq!(import.one(from_to).await, 1);
    let searched =
        "select count(*) from work_order_words where words @@ plainto_tsquery('simple', 'bucket tooth')";
    assert!(import.one(searched).await > 10);
    let feed = import.one("select max(seq) from feed").await;
    let again = Counts { imported: 0, unchanged: 5_485, ..expected };
    assert_eq!(import.run(&file, false).await.counts, again);
    assert_eq!(import.one("select max(seq) from feed").await, feed, "nothing was written");
}

#[tokio::test]
async fn the_command_line_works_alone_and_beside_a_server() {
    let data = DataFolder::create();
    let file = fixture().display().to_string();
    let arguments = ["import", "work-orders", &file, "--organisation=other", "--preset=excavator", "--json"];
    let seeded = run(
        PROGRAM,
        &data,
        &[
            "user",
            "add",
            "--organisation=other",
            "--create-organisation=Other",
            "--email=o@other.example",
            "--name=Otto",
            "--role=admin",
            &format!("--password={}", people::PASSWORD),
        ],
    );
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
    let counts = |arguments: &[&str]| -> Value {
        let output = run(PROGRAM, &data, arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let told: Vec<&str> = said.lines().filter(|line| line.starts_with("line ")).collect();
        let expected = TOLD.iter().map(|(line, rejected, why)| {
            format!("line {line}: {}{why}", if *rejected { "rejected: " } else { "" })
        });
        assert_eq!(told, expected.collect::<Vec<_>>());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let expected = json!({ "rows": 30, "imported": 24, "updated": 0, "unchanged": 0, "rejected": 6 });
    assert_eq!(counts(&arguments), expected);
    let server = ServerProcess::start(PROGRAM, &data);
    assert_eq!(counts(&arguments)["unchanged"], 24);
    assert!(server.terminate());

    let unknown =
        run(PROGRAM, &data, &["import", "work-orders", &file, "--organisation=nobody", "--preset=excavator"]);
    assert!(!unknown.status.success());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no organisation nobody"));
}
