//! Reading over the API from a million work orders, at a steady pace whatever the answers take.

use std::time::Duration;

use anyhow::Context;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use shared_model::identity::OrganisationId;
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, interval_at};

use super::maker::Maker;
use super::stage::{Stage, Tenant};
use super::{Bench, Metric, percentile};

/// Requests a second.
const PACE: u32 = 1_000;
/// Connections that stay open, as browsers' and programs' do.
const CONNECTIONS: usize = 64;
/// Work orders with a document behind them, to be read whole.
const WHOLE: usize = 1_000;
/// People who are assigned, sites that work is at.
const PEOPLE: usize = 500;
const SITES: usize = 40;
/// Requests before anything is measured: what is read often is in memory.
const WARM_UP: usize = 2_000;

/// Rows as the projection writes them, in the order of their ids: of twenty, one is open.
const ROWS: &str = "
    insert into work_order (organization_id, work_order_id, number, title, description, status, priority, work_type,
        origin, site, asset_tag, asset_name, assets, people, teams, tags, due, steps_answered, steps_total,
        labour_minutes, comments, parts_used, conflicts, anomalies, completed_at, updated_at, scopes, search_text)
    select $1, bench_id(n), 'WO-' || n, title, 'Found on the round of ' || n % 365, status,
        (array['low', 'medium', 'medium', 'high', 'critical'])[1 + n % 5],
        (array['corrective', 'preventive', 'inspection'])[1 + n % 3], 'manual', site, tag, name, '{}', array[person],
        '{}', '{}', now() - n * interval '1 minute', 4, 4, 45, 1, 1, '{}', '{}',
        case when status = 'closed' then now() end, now() - n * interval '1 minute',
        array['site:' || site, 'person:' || person], concat_ws(' ', 'WO-' || n, title, tag, name)
    from generate_series(1, $2) as series (n)
    cross join lateral (select
        case when n % 20 = 0 then 'in_progress' when n % 20 = 7 then 'assigned' else 'closed' end as status,
        bench_id(90000000 + n % 40) as site, bench_id(80000000 + n * 7 % 500) as person, 'PU-' || n % 20000 as tag,
        (array['Feed pump', 'Case conveyor', 'Glycol chiller', 'Filler', 'Boiler'])[1 + n % 5] as name,
        (array['Replace seal', 'Grease bearing', 'Check belt', 'Leak at flange', 'Motor hot'])[1 + n * 3 % 5]
            || ' ' || md5((n % 50000)::text) as title) as made";
const WORDS: &str = "
    insert into work_order_words
    select organization_id, work_order_id, to_tsvector('pg_catalog.simple', search_text) from work_order
    where organization_id = $1 on conflict do nothing";
const SCOPES: &str = "
    insert into work_order_scope
    select organization_id, scope, status, work_order_id from work_order cross join unnest(scopes) as scope
    where organization_id = $1 order by scope, status, work_order_id on conflict do nothing";
const DOCUMENTS: &str = "
    insert into document (organization_id, doc_id, kind, version, heads, scopes, change_count)
    select organization_id, work_order_id, 'work_order', 1, sha256(work_order_id::text::bytea), scopes, 3
    from work_order where organization_id = $1 on conflict do nothing";
const TABLES: [&str; 4] = ["work_order", "work_order_words", "work_order_scope", "document"];

/// Fills the tables, then reads for a while.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let (rows, seconds) = (bench.load(1_000_000, 100_000), bench.load(30, 10));
    let stage = Stage::set()?;
    let tenant = stage.tenant("rest")?;
    let mut hand = Maker::new(tenant.grants(), 0);
    let made = hand.create(WHOLE);
    stage.submit(&tenant, vec![made]);
    let whole: Vec<String> = hand.documents.keys().map(ToString::to_string).collect();
    let mut superuser = stage.load.block_on(stage.superuser())?;
    stage.load.block_on(fill(&mut superuser, tenant.organisation, rows))?;
    let paths = |from: usize, count: usize| (from..from + count).map(|n| path(n, rows, &whole)).collect();
    stage.load.block_on(read(&tenant, paths(0, WARM_UP)))?;
    let before = stage.load.block_on(sequential(&mut superuser))?;
    let used = stage.cpu();
    let count = PACE as usize * seconds;
    let mut taken = stage.load.block_on(read(&tenant, paths(WARM_UP, count)))?;
    let used = stage.cpu().since(&used);
    let scans = stage.load.block_on(sequential(&mut superuser))? - before;
    let each = |microseconds: f64| microseconds / count as f64;
    let name = |what: &str| format!("{PACE} reads a second of {rows} work orders: {what}");
    Ok(vec![
        Metric::new(name("p50"), percentile(&mut taken, 0.5), "ms", ""),
        Metric::new(name("p95"), percentile(&mut taken, 0.95), "ms", "≤ 50 ms"),
        Metric::new(name("p99"), percentile(&mut taken, 0.99), "ms", ""),
        Metric::new(name("longest"), percentile(&mut taken, 1.0), "ms", "no query over 100 ms"),
        Metric::new(name("reads of a table without an index"), scans as f64, "", "0"),
        Metric::new(name("server's processor time each"), each(used.server_us), "µs", ""),
        Metric::new(name("PostgreSQL's processor time each"), each(used.postgres_us), "µs", ""),
    ])
}

/// What people and programs ask for, one after the other.
fn path(n: usize, rows: usize, whole: &[String]) -> String {
    let some = n.wrapping_mul(2_654_435_761) % rows + 1;
    let id = |base: usize| format!("01900000-0000-7000-8000-{base:012x}");
    let (person, site) = (id(80_000_000 + n % PEOPLE), 90_000_000 + n % SITES);
    match n % 10 {
        0 | 1 => format!("/api/work-orders?after={}", id(some)),
        2 => "/api/work-orders?status=in_progress,assigned".to_owned(),
        3 => format!("/api/work-orders?person={person}"),
        4 => format!("/api/work-orders?person={person}&status=in_progress,assigned"),
        5 => format!("/api/work-orders?search=WO-{some}"),
        6 => format!("/api/work-orders?search=pump%20PU-{}", site % 20_000),
        _ => format!("/api/work-orders/{}", whole[n % whole.len()]),
    }
}

/// Everything at once, its indexes afterwards.
async fn fill(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    rows: usize,
) -> anyhow::Result<()> {
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "select indexname, indexdef from pg_indexes
         where schemaname = 'public' and tablename = any ($1) and indexname not like '%_pkey'",
    )
    .bind(TABLES)
    .fetch_all(&mut *connection)
    .await?;
    let mut statements = vec![
        "set session_replication_role = replica".to_owned(),
        "create function bench_id(n bigint) returns uuid language sql immutable as
         $$ select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$"
            .to_owned(),
    ];
    statements.extend(indexes.iter().map(|(name, _)| format!("drop index {name}")));
    run(connection, statements).await?;
    let rows = i64::try_from(rows)?;
    sqlx::query(ROWS).bind(organisation.as_uuid()).bind(rows).execute(&mut *connection).await?;
    for statement in [WORDS, SCOPES, DOCUMENTS] {
        sqlx::query(statement).bind(organisation.as_uuid()).execute(&mut *connection).await?;
    }
    let mut statements: Vec<String> = indexes.into_iter().map(|(_, definition)| definition).collect();
    statements.extend(TABLES.map(|table| format!("vacuum analyze {table}")));
    run(connection, statements).await
}

async fn run(connection: &mut PgConnection, statements: Vec<String>) -> anyhow::Result<()> {
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// How often one of the tables was read from end to end.
async fn sequential(connection: &mut PgConnection) -> anyhow::Result<i64> {
    // Backends tell what they counted within a second.
    sqlx::query("select pg_stat_clear_snapshot()").execute(&mut *connection).await?;
    let scans =
        sqlx::query_scalar("select sum(seq_scan)::bigint from pg_stat_user_tables where relname = any ($1)");
    Ok(scans.bind(TABLES).fetch_one(connection).await?)
}

/// Asks for each path at its time, and tells how many milliseconds after that the answer was whole.
async fn read(tenant: &Tenant, paths: Vec<String>) -> anyhow::Result<Vec<f64>> {
    let (begin, apart) = (Instant::now(), Duration::from_secs(1) / PACE);
    let mut askers = JoinSet::new();
    for first in 0..CONNECTIONS {
        let turns = interval_at(begin + apart * u32::try_from(first)?, apart * u32::try_from(CONNECTIONS)?);
        let wanted = paths.iter().skip(first).step_by(CONNECTIONS).cloned().collect();
        askers.spawn(ask(tenant.clone(), turns, wanted));
    }
    let mut all = Vec::new();
    while let Some(taken) = askers.join_next().await {
        all.extend(taken??);
    }
    Ok(all)
}

async fn ask(tenant: Tenant, mut turns: Interval, wanted: Vec<String>) -> anyhow::Result<Vec<f64>> {
    let client = tenant.client();
    let stream = TcpStream::connect(client.address()).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let mut taken = Vec::new();
    for path in wanted {
        // When it was due, however late it is.
        let at = turns.tick().await;
        let request = Request::get(&path)
            .header(header::HOST, client.address().to_string())
            .header(header::COOKIE, client.cookie.as_deref().context("signed in")?)
            .body(Body::empty())?;
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = to_bytes(Body::new(response.into_body()), usize::MAX).await?;
        anyhow::ensure!(status == StatusCode::OK, "{path}: {status}, {}", String::from_utf8_lossy(&body));
        taken.push(at.elapsed().as_secs_f64() * 1e3);
    }
    connection.abort();
    Ok(taken)
}
