//! Whoever administers the database changes rows of the trail: what is found, and where.

use std::process::Output;

use maintainpro_tests::process::{DataFolder, run_with};
use shared_model::audit::merkle::Frontier;
use shared_model::audit::{Digest, LogSize, TreeHead};
use shared_model::hex;
use sqlx::{AssertSqlSafe, PgConnection};
use sync_server::audit::key::AuditKey;
use sync_server::audit::verify::{Verified, verify};
use sync_server::sync::epoch;

use super::Story;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");
const TABLES: [&str; 6] = ["audit_log", "audit_entry", "audit_node", "audit_head", "feed", "tenant_feed"];

/// Every row and every hash that follows from it, written anew: what somebody does who knows how the trail is made.
const REHASH: &str = "
    do $$
    declare entry record; chain bytea := decode(repeat('00', 32), 'hex');
    begin
        for entry in select * from audit_entry order by seq loop
            chain := sha256(chain || sha256('\\x00'::bytea || convert_to(entry.content, 'UTF8')));
            update audit_entry set leaf_hash = sha256('\\x00'::bytea || convert_to(content, 'UTF8')), chain_hash = chain
            where organization_id = entry.organization_id and seq = entry.seq;
        end loop;
        update audit_log set size = (select count(*) from audit_entry), chain_hash = chain;
    end $$;
    delete from audit_node where log = 'entries';";

const OTHER_ACTION: &str = "update audit_entry set content = replace(content, 'link_issued', 'signed_outs'), action = 'signed_outs' where seq = 9;";

struct Crime {
    what: &'static str,
    sql: String,
    place: &'static str,
    seq: u64,
    problem: &'static str,
}

fn crime(
    what: &'static str,
    sql: impl Into<String>,
    place: &'static str,
    seq: u64,
    problem: &'static str,
) -> Crime {
    Crime { what, sql: sql.into(), place, seq, problem }
}

fn crimes() -> Vec<Crime> {
    [against_entries(), against_the_rest()].into_iter().flatten().collect()
}

fn against_entries() -> Vec<Crime> {
    const TEXT: &str = "its text is not what its hash is of";
    const FOLLOWS: &str = "it does not follow the entry before it";
    vec![
        crime(
            "one bit of a text",
            "update audit_entry set content = overlay(content placing '3' from position('2' in content) for 1) where seq = 7",
            "entries", 7, TEXT,
        ),
        crime("a text", OTHER_ACTION, "entries", 9, TEXT),
        crime(
            "a text with its hash",
            format!("{OTHER_ACTION} update audit_entry
                     set leaf_hash = sha256('\\x00'::bytea || convert_to(content, 'UTF8')) where seq = 9"),
            "entries", 9, FOLLOWS,
        ),
        crime("a text with all hashes after it", format!("{OTHER_ACTION} {REHASH}"), "entries", 1, "a node"),
        crime("an entry gone", "delete from audit_entry where seq = 6", "entries", 6, "missing"),
        crime(
            "an entry gone and the others moved up",
            "delete from audit_entry where seq = 6; update audit_entry set seq = seq + 1000 where seq > 6;
             update audit_entry set seq = seq - 1001 where seq > 1000; update audit_log set size = size - 1",
            "entries", 6, FOLLOWS,
        ),
        crime(
            "two entries in each other's place",
            "update audit_entry set seq = 1000 where seq = 6; update audit_entry set seq = 6 where seq = 7;
             update audit_entry set seq = 7 where seq = 1000",
            "entries", 6, FOLLOWS,
        ),
        crime(
            "the last ones gone, and counted so",
            "delete from audit_entry where seq > 10;
             update audit_log set size = 10, chain_hash = (select chain_hash from audit_entry where seq = 10)",
            "entries", 11, "missing, as are all up to",
        ),
        crime("the last ones gone", "delete from audit_entry where seq > 10", "entries", 11, "missing: "),
        crime("everything gone", "delete from audit_entry; delete from audit_log", "entries", 1, "missing"),
        crime(
            "an entry that another person finds",
            "update audit_entry set person_id = gen_random_uuid() where seq = 8", "entries", 8, "it is not found by",
        ),
        crime(
            "an entry of another time",
            "update audit_entry set received_at = received_at - interval '1 day' where seq = 8",
            "entries", 8, "it is not found by",
        ),
        crime(
            "a node of proofs",
            "update audit_node set hash = sha256(hash) where log = 'entries' and level = 1 and position = 2",
            "entries", 5, "a node",
        ),
    ]
}

fn against_the_rest() -> Vec<Crime> {
    vec![
        crime("a row of the feed gone", "delete from feed where seq = 2", "feed", 2, "missing"),
        crime(
            "another author in the feed",
            "update feed set author = gen_random_uuid() where seq = 3",
            "feed",
            3,
            "chain",
        ),
        crime("another payload", "update feed set payload = 'x' where seq = 3", "feed", 3, "chain"),
        crime(
            "another time in the feed",
            "update feed set received_at = received_at - interval '1 day' where seq = 3",
            "feed",
            3,
            "a node",
        ),
        crime(
            "another device in the feed",
            "update feed set device_id = gen_random_uuid() where seq = 4",
            "feed",
            3,
            "a node",
        ),
        crime(
            "the end of the feed",
            "delete from feed where seq > 2;
             update tenant_feed set head = 2, chain_hash = (select chain_hash from feed where seq = 2)",
            "feed",
            3,
            "missing, as are all up to",
        ),
        crime(
            "a signed root",
            "update audit_head set entries_root = sha256(entries_root)",
            "heads",
            12,
            "its signature does not fit",
        ),
        crime(
            "a signature",
            "update audit_head set signature = sha512(signature)",
            "heads",
            12,
            "its signature",
        ),
        crime(
            "another history that nothing tells of",
            "update tenant_feed set epoch = gen_random_uuid()",
            "heads",
            12,
            "nothing here tells of",
        ),
        crime("a time of signing", "update audit_head set signed_at = now()", "heads", 12, "its signature"),
    ]
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

/// A trail of entries and work, with heads on the way and at the end.
async fn scene() -> (Story, PgConnection, [TreeHead; 2]) {
    let story = Story::begin().await;
    story.grow(9).await;
    story.work(2).await;
    let first = story.sign().await;
    story.grow(4).await;
    story.work(2).await;
    let second = story.sign().await;
    let mut connection = story.server.database.superuser().await;
    for table in TABLES {
        run(&mut connection, format!("create table saved_{table} as table {table}")).await;
    }
    (story, connection, [first, second])
}

/// Puts everything back.
async fn undo(connection: &mut PgConnection) {
    for table in TABLES {
        run(connection, format!("delete from {table}; insert into {table} table saved_{table}")).await;
    }
}

async fn verified(story: &Story, kept: &[TreeHead]) -> Verified {
    let state = &story.server.state;
    verify(&state.pool, story.organisation, state.audit_key.public(), kept).await.unwrap()
}

#[tokio::test]
async fn whatever_is_changed_is_found_where_it_is() {
    let (story, mut connection, _) = scene().await;
    let clean = verified(&story, &[]).await;
    assert_eq!(clean.found, [], "nothing was changed");
    assert!(clean.entries >= 16 && clean.feed >= 4 && clean.heads == 2, "{clean:?}");
    for Crime { what, sql, place, seq, problem } in crimes() {
        run(&mut connection, sql).await;
        let found = verified(&story, &[]).await.found;
        let first = found.iter().find(|tampering| tampering.place == place);
        let first = first.unwrap_or_else(|| panic!("{what}: {found:?}"));
        assert_eq!(first.seq, seq, "{what}: {found:?}");
        assert!(first.problem.contains(problem), "{what}: {found:?}");
        undo(&mut connection).await;
    }
    assert_eq!(verified(&story, &[]).await, clean, "all is as it was");
}

/// The root over entries as they stand now.
async fn root(connection: &mut PgConnection, size: u64) -> LogSize {
    let leaves: Vec<Vec<u8>> =
        sqlx::query_scalar("select leaf_hash from audit_entry where seq <= $1 order by seq")
            .bind(i64::try_from(size).unwrap())
            .fetch_all(connection)
            .await
            .unwrap();
    let mut tree = Frontier::default();
    leaves.iter().for_each(|leaf| tree.push(leaf.as_slice().try_into().unwrap(), |_, _| {}));
    LogSize { size: tree.size(), root: Digest(tree.root()) }
}

/// Rewrites an entry, all hashes after it, and signs every head anew.
async fn forge(story: &Story, connection: &mut PgConnection, heads: &[TreeHead], key: &AuditKey) {
    run(connection, format!("{OTHER_ACTION} {REHASH} delete from audit_head")).await;
    for head in heads {
        let mut forged = head.clone();
        forged.entries = root(connection, head.entries.size).await;
        forged.key = hex::encode(key.public());
        sqlx::query(
            "insert into audit_head (organization_id, entries_size, feed_size, entries_root, feed_root, epoch,
                                     signed_at, key, signature)
             select organization_id, entries_size, feed_size, $3, feed_root, epoch, signed_at, $4, $5
             from saved_audit_head where organization_id = $1 and entries_size = $2",
        )
        .bind(story.organisation.as_uuid())
        .bind(i64::try_from(head.entries.size).unwrap())
        .bind(forged.entries.root.0.as_slice())
        .bind(key.public())
        .bind(key.sign(&forged.message()))
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    // The nodes of the forged entries: the next signature would make them as well.
    let mut nodes = Vec::new();
    let leaves: Vec<Vec<u8>> = sqlx::query_scalar("select leaf_hash from audit_entry order by seq")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let mut tree = Frontier::default();
    leaves.iter().for_each(|leaf| {
        tree.push(leaf.as_slice().try_into().unwrap(), |node, hash| nodes.push((node, hash)));
    });
    for (node, hash) in nodes {
        sqlx::query("insert into audit_node values ($1, 'entries', $2, $3, $4)")
            .bind(story.organisation.as_uuid())
            .bind(i32::try_from(node.level).unwrap())
            .bind(i64::try_from(node.position).unwrap())
            .bind(hash.as_slice())
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_database_that_was_rewritten_whole_is_exposed_by_its_key_or_by_the_heads_that_devices_kept() {
    let (story, mut connection, heads) = scene().await;
    assert_eq!(verified(&story, &heads).await.found, []);

    // Without the installation's key.
    forge(&story, &mut connection, &heads, &AuditKey::from_seed(&[66; 32]).unwrap()).await;
    let found = verified(&story, &[]).await.found;
    assert!(found.iter().all(|found| found.problem.contains("another key")) && found.len() == 2, "{found:?}");
    undo(&mut connection).await;

    // With it: nothing in the database tells.
    forge(&story, &mut connection, &heads, &story.server.state.audit_key).await;
    assert_eq!(verified(&story, &[]).await.found, []);
    // What devices kept does, and an older head tells more exactly where.
    for kept in [&heads[1..], &heads] {
        let found = verified(&story, kept).await.found;
        let [found] = &found[..] else { panic!("{found:?}") };
        assert!(found.place == "entries" && found.seq <= 9 && found.seq >= 1, "{found:?}");
        assert!(found.problem.contains("is not what was signed"), "{found:?}");
    }
}

#[tokio::test]
async fn heads_from_before_a_restored_backup_still_bear_witness() {
    let (story, mut connection, [_, kept]) = scene().await;
    let state = &story.server.state;
    assert!(epoch::begin(&state.pool, story.organisation, None, state.clock.now()).await.unwrap());
    story.grow(2).await;
    story.sign().await;
    assert_eq!(verified(&story, std::slice::from_ref(&kept)).await.found, []);
    // What was lost with the backup cannot be checked, and is not passed over.
    let mut lost = kept.clone();
    lost.entries.size += 100;
    lost.signature = hex::encode(&state.audit_key.sign(&lost.message()));
    let found = verified(&story, &[lost]).await.found;
    assert!(found.len() == 1 && found[0].problem.contains("cannot be checked"), "{found:?}");
    // A new history does not let anybody rewrite what was before.
    run(&mut connection, format!("{OTHER_ACTION} {REHASH} delete from audit_head")).await;
    story.sign().await;
    let found = verified(&story, std::slice::from_ref(&kept)).await.found;
    assert!(found.iter().any(|found| found.problem.contains("is not what was signed")), "{found:?}");
}

#[tokio::test]
async fn the_application_itself_can_only_add() {
    let (story, ..) = scene().await;
    for attempt in [
        "update audit_entry set content = ''",
        "delete from audit_entry",
        "truncate audit_entry",
        "update audit_head set signature = ''",
        "delete from audit_head",
        "update audit_node set hash = ''",
        "delete from audit_node",
        "delete from audit_log",
    ] {
        let refused = sqlx::raw_sql(attempt).execute(&story.server.state.pool).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{attempt}: {refused}");
    }
}

#[tokio::test]
async fn the_operator_hears_of_it_by_the_end_of_the_command() {
    let (story, mut connection, [_, kept]) = scene().await;
    let data = DataFolder::create();
    // The server of this story has a key of its own, which its operator would have in the data folder.
    let key = hex::encode(story.server.state.audit_key.public());
    let head = data.path().join("head.json");
    std::fs::write(&head, serde_json::to_string(&kept).unwrap()).unwrap();
    let database = &story.server.database;
    let (url, migrate) = (database.application_url(), database.superuser_url());
    let environment = [("DATABASE_URL", url.as_str()), ("MAINTAINPRO_MIGRATE_URL", migrate.as_str())];
    let audit = |arguments: &[&str]| -> Output {
        run_with(PROGRAM, &data, &environment, &[&["audit"], arguments].concat())
    };
    let flags = ["verify", "--key", &key, "--head", head.to_str().unwrap()];
    let done = audit(&flags);
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && told.ends_with("Everything is as it was.\n"), "{done:?}");

    run(&mut connection, "delete from audit_entry where seq = 6".to_owned()).await;
    let done = audit(&flags);
    assert!(!done.status.success());
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(told.contains("demo: entries 6: missing"), "{told}");
    assert!(!audit(&["verify"]).status.success(), "signed with another key than that of the data folder");
    let done = audit(&["verify", "--key", "ab"]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("64 hexadecimal digits"), "{done:?}");
    let own = audit(&["key"]);
    assert!(!own.status.success(), "a command beside the server makes no key of its own: {own:?}");
    std::fs::write(data.path().join("audit.key"), "ab".repeat(32)).unwrap();
    let own = audit(&["key"]);
    assert!(own.status.success() && own.stdout.len() == 65, "{own:?}");
}
