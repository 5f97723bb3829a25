//! Importing history: every row or a reason, never twice, beside a running server and alone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{create_storeroom, create_work_order, edit_work_order, issue, new_document};
use maintainpro_tests::people;
use maintainpro_tests::process::{DataFolder, ServerProcess, run};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::features::Command;
use shared_model::features::work_order::FieldEdit;
use shared_model::identity::{ActorId, DocumentId, OrganisationId};
use shared_model::ingest::{ActorStanding, Submitter, Verdict, judge};
use shared_model::sync_protocol::PushedCommand;
use shared_model::workspace::Aggregate;
use sqlx::{AssertSqlSafe, PgConnection};
use sync_server::app_state::Settings;
use sync_server::features::import::{self, Counts, Options, Report};
use uuid::Uuid;

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
    (34, true, "refused (value): planned_start must lie in the years 1970 to 9999"),
    (35, true, "refused (value): description is longer than 20000 characters"),
    (36, false, "the row is not UTF-8; it is read as Windows-1252"),
    (37, true, "the asset has a tag with a character that cannot be printed"),
];

struct Import {
    server: TestServer,
    options: Options,
}

impl Import {
    async fn begin() -> Self {
        Self::begin_on(TestServer::start().await).await
    }

    async fn begin_on(server: TestServer) -> Self {
        let organisation: OrganisationId = people::create_organisation(&server.database, "mine").await;
        Self { server, options: Options { organisation, dry_run: false } }
    }

    async fn run(&self, file: &PathBuf, dry_run: bool) -> Report {
        let rows = import::read_excavator(std::fs::File::open(file).unwrap()).unwrap().collect();
        let options = Options { dry_run, ..self.options };
        let state = &self.server.state;
        import::work_orders(&state.sync, &state.pool, &options, rows, &mut |_, _| {}).await.unwrap()
    }

    async fn run_commands(&self, lines: &str, dry_run: bool) -> Report {
        let lines = import::read_commands(lines.as_bytes()).unwrap();
        let options = Options { dry_run, ..self.options };
        import::commands(&self.server.state.sync, &options, lines, &mut |_, _| {}).await.unwrap()
    }

    async fn one(&self, sql: &str) -> i64 {
        let mut connection: PgConnection = self.server.database.superuser().await;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
    }
}

fn told(report: &Report) -> Vec<(u64, bool, &str)> {
    report.lines.iter().map(|line| (line.line, line.rejected, line.message.as_str())).collect()
}

#[tokio::test]
async fn every_row_of_the_fixture_is_imported_or_explained() {
    let import = Import::begin().await;
    let expected = Counts { rows: 35, imported: 26, updated: 0, unchanged: 0, rejected: 9 };

    let foretold = import.run(&fixture(), true).await;
    assert_eq!((foretold.counts, told(&foretold)), (expected, TOLD.to_vec()));
    for table in ["feed", "document", "command", "quarantine"] {
        let written = import.one(&format!("select count(*) from {table}")).await;
        assert_eq!(written, 0, "a dry run writes no {table}");
    }

    let report = import.run(&fixture(), false).await;
    assert_eq!((report.counts, told(&report)), (expected, TOLD.to_vec()));
    assert_eq!(import.one("select count(*) from work_order where status = 'closed'").await, 26);
    assert_eq!(import.one("select count(*) from asset").await, 3);
    // Credits are kept; unreadable costs are left out.
    assert_eq!(import.one("select count(*) from cost_entry").await, 21);
    assert_eq!(import.one("select count(*) from cost_entry where minor = -24015").await, 1);
    assert_eq!(
        import.one("select count(distinct number) from work_order where number like 'WO-%'").await,
        26
    );
    for day in ["2000-02-29", "1970-01-01"] {
        let dated = format!("select count(*) from work_order where completed_at::date = '{day}'");
        assert_eq!(import.one(&dated).await, 1, "{day}");
    }
    for title in ["Öl nachgefüllt – 5 €", "Umlaute prüfen: Öl, Größe"] {
        let called = format!("select count(*) from work_order where title = '{title}'");
        assert_eq!(import.one(&called).await, 1, "{title}");
    }
    assert_eq!(import.one("select count(*) from work_order where 'PM06' = any(tags)").await, 1);
    assert_eq!(import.one("select count(*) from work_order where work_type = 'preventive'").await, 3);

    assert_eq!(import.one("select count(*) from work_order where work_type = 'corrective'").await, 23);

    let feed = import.one("select max(seq) from feed").await;
    let again = Counts { imported: 0, unchanged: 26, ..expected };
    for dry_run in [true, false] {
        let report = import.run(&fixture(), dry_run).await;
        assert_eq!((report.counts, told(&report)), (again, TOLD.to_vec()));
    }
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
    let foretold = import.run(&fixture(), true).await.counts;
    assert_eq!(import.one("select count(*) from cost_entry").await, whole - 1);
    let counts = import.run(&fixture(), false).await.counts;
    assert_eq!((counts.imported, counts.updated, counts.unchanged), (0, 1, 25));
    assert_eq!(foretold, counts);
    assert_eq!(import.one("select count(*) from cost_entry").await, whole);
}

/// Judges like every server, but has no place for one asset.
fn without_k2(
    command: &PushedCommand,
    submitter: &Submitter<'_>,
    standing: &BTreeMap<ActorId, ActorStanding>,
    documents: &BTreeMap<DocumentId, Aggregate>,
) -> Verdict {
    let intent: Value = serde_json::from_slice(&command.intent).unwrap_or_default();
    if intent["on"] == "asset" && intent["tag"] == "K2" {
        return Verdict::Rejected { code: "no_place".to_owned(), detail: "the yard is full".to_owned() };
    }
    judge(command, submitter, standing, documents)
}

#[tokio::test]
async fn an_asset_that_is_refused_takes_only_its_own_rows_along() {
    let database = TestDatabase::create().await;
    let settings = Settings { judge: without_k2, ..Settings::default() };
    let import = Import::begin_on(TestServer::start_with(&database, settings).await).await;
    let expected = Counts { rows: 35, imported: 19, updated: 0, unchanged: 0, rejected: 16 };
    let why = "the asset K2 could not be created: refused (no_place): the yard is full";
    let refused = [5, 6, 7, 15, 16, 17, 25].map(|line| (line, true, why));
    let mut all: Vec<(u64, bool, &str)> = TOLD.iter().copied().chain(refused).collect();
    all.sort_by_key(|(line, rejected, _)| (*line, *rejected));

    for dry_run in [true, false] {
        let report = import.run(&fixture(), dry_run).await;
        assert_eq!((report.counts, told(&report)), (expected, all.clone()), "dry run: {dry_run}");
    }
    assert_eq!(import.one("select count(*) from asset where tag in ('K1', 'K3')").await, 2);
    assert_eq!(import.one("select count(*) from asset").await, 2);
    assert_eq!(import.one("select count(*) from work_order where status = 'closed'").await, 19);

    // Where there is a place for it, the rows that were left out follow.
    let elsewhere = TestServer::start_on(&database).await;
    let import = Import { server: elsewhere, options: import.options };
    let counts = import.run(&fixture(), false).await.counts;
    assert_eq!((counts.imported, counts.unchanged, counts.rejected), (7, 19, 9));
}

#[tokio::test]
async fn a_script_rehearsed_comes_to_what_it_comes_to() {
    let import = Import::begin().await;
    let (order, room, part) = (new_document(), new_document(), new_document());
    let retitle = |order| edit_work_order(order, vec![FieldEdit::Title("Grease all of them".to_owned())]);
    let taken = issue(room, part, 1);
    let new_id = || new_document().as_uuid();
    let again = new_id();
    let commands = [
        (new_id(), create_work_order(order, "Grease the bearing")),
        (again, retitle(order)),
        (again, retitle(order)),
        (new_id(), retitle(new_document())),
        (new_id(), create_work_order(order, "Grease it twice")),
        (new_id(), create_storeroom(room, "Van 1")),
        (new_id(), taken.clone()),
        (new_id(), taken),
    ];
    let line = |(id, command): &(Uuid, Command)| json!({ "id": id, "command": command }).to_string() + "\n";
    let mut script: String = commands.iter().map(line).collect();
    // More than are executed together: what builds upon an earlier line still finds it.
    let remark = |n: usize| edit_work_order(order, vec![FieldEdit::AddTag(format!("t{n}"))]);
    script.extend((0..250).map(|n| line(&(new_id(), remark(n)))));
    script.push_str(&line(&commands[7]));
    script.push_str("no command\n");

    let foretold = import.run_commands(&script, true).await;
    assert_eq!(import.one("select count(*) from feed").await, 0);
    let expected = Counts { rows: 260, imported: 254, updated: 0, unchanged: 3, rejected: 3 };
    assert_eq!(foretold.counts, expected);
    let rejected: Vec<u64> = foretold.lines.iter().map(|line| line.line).collect();
    assert_eq!(rejected, [4, 5, 260]);

    let report = import.run_commands(&script, false).await;
    assert_eq!((report.counts, told(&report)), (expected, told(&foretold)));
    let after = Counts { imported: 0, unchanged: 257, ..expected };
    for dry_run in [true, false] {
        assert_eq!(import.run_commands(&script, dry_run).await.counts, after);
    }
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
    let expected = json!({ "rows": 35, "imported": 26, "updated": 0, "unchanged": 0, "rejected": 9 });
    assert_eq!(counts(&[&arguments[..], &["--dry-run"]].concat()), expected);
    assert_eq!(counts(&arguments), expected);
    let server = ServerProcess::start(PROGRAM, &data);
    assert_eq!(counts(&arguments)["unchanged"], 26);
    assert!(server.terminate());

    let unknown =
        run(PROGRAM, &data, &["import", "work-orders", &file, "--organisation=nobody", "--preset=excavator"]);
    assert!(!unknown.status.success());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no organisation nobody"));
}
