//! A database of its own for every test, cloned from a migrated template.
//!
//! All tests share one embedded cluster in the temporary folder. It outlives the test run, so the next run
//! starts at once; it waits for no disk, because nothing in it has to survive. Migrations run as a role that
//! is no superuser, as they do in production.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use sync_server::database::{self, migrations, roles};
use sync_server::embedded_postgres::{ClusterSettings, EmbeddedCluster};
use tokio::sync::OnceCell;

/// The role that migrates in tests: a member of the owner role and nothing more.
const MIGRATOR: &str = "maintainpro_test_migrator";
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;
const CONNECTIONS: u32 = 6;

/// A migrated, empty database that disappears with its last user.
pub struct TestDatabase {
    name: String,
    /// Connections under the application role.
    pub pool: PgPool,
}

impl TestDatabase {
    /// Clones the template.
    pub async fn create() -> Arc<Self> {
        let template = template().await;
        let name = fresh_name();
        let mut connection = PgConnection::connect_with(&superuser("postgres")).await.unwrap();
        let version: i32 = sqlx::query_scalar("select current_setting('server_version_num')::integer")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        // From version 15 on the default copies through the log, which is slower for a small database.
        let strategy = if version >= 150_000 { "strategy file_copy" } else { "" };
        let create = format!("create database {name} owner {} template {template} {strategy}", roles::OWNER);
        sqlx::query(AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let pool = database::connect(application(&name), CONNECTIONS).await.unwrap();
        Arc::new(Self { name, pool })
    }

    /// A connection as the superuser, past every row-level policy: for looking at what is really stored.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect_with(&superuser(&self.name)).await.unwrap()
    }

    /// The address under which another process finds this database as the application role.
    pub fn application_url(&self) -> String {
        url(&application(&self.name))
    }

    /// The same as the superuser, who may migrate.
    pub fn superuser_url(&self) -> String {
        url(&superuser(&self.name))
    }

    /// Backs the database up with `pg_dump`, while it is in use.
    pub async fn back_up(&self, file: &Path) {
        run("pg_dump", &["--format=custom", "--file", path(file), &self.superuser_url()]).await;
    }

    /// A database of its own from a backup.
    pub async fn restore(file: &Path) -> Arc<Self> {
        let name = fresh_name();
        let mut connection = PgConnection::connect_with(&superuser("postgres")).await.unwrap();
        let create = format!("create database {name} owner {} template template0", roles::OWNER);
        sqlx::query(AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        run("pg_restore", &["--exit-on-error", "--dbname", &url(&superuser(&name)), path(file)]).await;
        let pool = database::connect(application(&name), CONNECTIONS).await.unwrap();
        Arc::new(Self { name, pool })
    }

    /// A second pool under the application role, for a second server.
    pub async fn connect(&self) -> PgPool {
        database::connect(application(&self.name), CONNECTIONS).await.unwrap()
    }
}

impl Drop for TestDatabase {
    /// The runtime of the test is ending, so dropping the database takes a thread and a runtime of its own.
    fn drop(&mut self) {
        let name = self.name.clone();
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(drop_database(&name));
        });
        if dropping.join().is_err() {
            eprintln!("the database {} was left behind", self.name);
        }
    }
}

fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

async fn run(program: &str, arguments: &[&str]) {
    let output = tokio::process::Command::new(program).args(arguments).output().await.unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

/// How the superuser reaches a database of the shared cluster.
pub fn superuser(database: &str) -> PgConnectOptions {
    cluster().superuser_options(database)
}

fn application(database: &str) -> PgConnectOptions {
    superuser(database).username(roles::APPLICATION)
}

fn url(options: &PgConnectOptions) -> String {
    let (user, host) = (options.get_username(), options.get_host());
    format!("postgres://{user}@localhost/{}?host={host}", options.get_database().unwrap_or_default())
}

fn cluster() -> &'static EmbeddedCluster {
    static CLUSTER: OnceLock<EmbeddedCluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let data = cluster_folder();
        EmbeddedCluster::start(&ClusterSettings { data, bin_dir: None, durable: false })
            .unwrap_or_else(|error| panic!("the tests need PostgreSQL: {error}"))
    })
}

/// One cluster for each user of the machine: another user's files could not be opened.
fn cluster_folder() -> PathBuf {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "root".into());
    std::env::temp_dir().join(format!("maintainpro-tests-{user}"))
}

/// The name of the template for exactly these migrations, created by whichever test comes first.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE.get_or_init(create_template).await
}

async fn create_template() -> String {
    let name = format!("template_{:016x}", hash_of_migrations());
    let mut connection = PgConnection::connect_with(&superuser("postgres")).await.unwrap();
    sqlx::query("select pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut connection).await.unwrap();
    drop_abandoned(&mut connection).await;
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
    if !exists {
        roles::ensure(&mut connection, None).await.unwrap();
        create_migrator(&mut connection).await;
        for statement in [
            format!("drop database if exists {name} with (force)"),
            format!("create database {name} owner {}", roles::OWNER),
        ] {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        migrations::prepare(&superuser(&name).username(MIGRATOR), roles::APPLICATION).await.unwrap();
        let finish = format!("alter database {name} is_template true");
        sqlx::query(AssertSqlSafe(finish)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    name
}

async fn create_migrator(connection: &mut PgConnection) {
    let exists: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
        .bind(MIGRATOR)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    if !exists {
        let create = format!("create role {MIGRATOR} login nosuperuser in role {}", roles::OWNER);
        sqlx::query(AssertSqlSafe(create)).execute(connection).await.unwrap();
    }
}

/// Databases of test processes that were killed.
async fn drop_abandoned(connection: &mut PgConnection) {
    let names: Vec<String> =
        sqlx::query_scalar("select datname::text from pg_database where datname like 'test\\_%'")
            .fetch_all(&mut *connection)
            .await
            .unwrap();
    for name in names {
        let process = name.split('_').nth(1).unwrap_or_default();
        if !PathBuf::from(format!("/proc/{process}")).exists() {
            let drop = format!("drop database if exists {name} with (force)");
            sqlx::query(AssertSqlSafe(drop)).execute(&mut *connection).await.unwrap();
        }
    }
}

async fn drop_database(name: &str) {
    let mut connection = PgConnection::connect_with(&superuser("postgres")).await.unwrap();
    let drop = format!("drop database if exists {name} with (force)");
    sqlx::query(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn hash_of_migrations() -> u64 {
    migrations::MIGRATOR
        .iter()
        .flat_map(|migration| migration.checksum.iter())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
