//! All that an organisation has, as files that other programs read: each table as lines of JSON, each document as Automerge keeps it.
//! Of one moment of the database, beside a working server.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use futures_util::TryStreamExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use shared_model::account::OrganisationName;
use shared_model::audit::{Action, SubjectKind};
use shared_model::hex;
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use super::tables::{Share, TABLES};
use crate::audit::{self, Note};
use crate::clock::to_utc;
use crate::database::{tenant_snapshot, tenant_transaction};
use crate::document_store;

/// The layout of the folder.
const FORMAT: u32 = 1;
/// Documents put together at a time.
const PAGE: i64 = 200;

const READ_ME: &str = "\
This folder holds what one organisation has in MaintainPro, as of one moment.

manifest.json   every file with its SHA-256, and how many rows or documents it holds
tables/         one line of JSON for each row; bytes stand as \\x and hexadecimal digits. Tables such as work_order,
                asset, part and stock_movement are what people see; feed is every change there ever was, in order
documents/      each document with its whole history, as Automerge saves it (https://automerge.org), by kind and id

Passwords, sessions and other secrets are left out. It holds data of people: keep it accordingly.
";

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Rows of tables.
    pub rows: u64,
    /// Documents.
    pub documents: u64,
}

#[derive(Serialize)]
struct Manifest<'a> {
    format: u32,
    organisation: &'a OrganisationName,
    exported_at: String,
    server_version: &'static str,
    files: Vec<ManifestFile>,
}

#[derive(Serialize)]
struct ManifestFile {
    path: String,
    rows: u64,
    bytes: u64,
    sha256: String,
}

/// Writes everything into a folder, which must be empty or not there. The manifest comes last: a folder without one is not whole.
pub async fn export(
    pool: &PgPool,
    organisation: &OrganisationName,
    folder: &Path,
    now: Timestamp,
) -> anyhow::Result<Exported> {
    create(folder)?;
    note(pool, organisation, now).await?;
    let mut snapshot = tenant_snapshot(pool, organisation.id).await?;
    let mut files = Vec::new();
    for (table, share) in TABLES {
        files.extend(export_table(&mut snapshot, organisation, folder, table, *share).await?);
    }
    let rows = files.iter().map(|file| file.rows).sum();
    let before = files.len();
    export_documents(&mut snapshot, organisation, folder, &mut files).await?;
    let documents = (files.len() - before) as u64;
    write_alone(folder, "README.txt", READ_ME.as_bytes())?;
    let manifest = Manifest {
        format: FORMAT,
        organisation,
        exported_at: to_utc(now).to_rfc3339(),
        server_version: env!("CARGO_PKG_VERSION"),
        files,
    };
    write_alone(folder, "manifest.json", &serde_json::to_vec_pretty(&manifest)?)?;
    Ok(Exported { rows, documents })
}

/// Nobody but whoever runs this reads it.
fn create(folder: &Path) -> anyhow::Result<()> {
    let cannot = || format!("the folder {} cannot be made", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    let is_empty = fs::read_dir(folder).with_context(cannot)?.next().is_none();
    ensure!(is_empty, "{} is not empty: name a folder that is not there yet", folder.display());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).with_context(cannot)?;
    }
    Ok(())
}

async fn note(pool: &PgPool, organisation: &OrganisationName, now: Timestamp) -> sqlx::Result<()> {
    let id = organisation.id;
    let mut transaction = tenant_transaction(pool, id).await?;
    let note = Note::by_operator(Action::OrganisationExported).about(SubjectKind::Organisation, id.as_uuid());
    audit::append(&mut transaction, id, note, now).await?;
    transaction.commit().await
}

async fn export_table(
    connection: &mut PgConnection,
    organisation: &OrganisationName,
    folder: &Path,
    table: &str,
    share: Share,
) -> anyhow::Result<Option<ManifestFile>> {
    let left_out: &[&str] = match share {
        Share::Rows => &[],
        Share::RowsWithout(columns) => columns,
        Share::Nothing => return Ok(None),
    };
    // Table names are those of our own list.
    let select =
        format!("select (to_jsonb({table}) - $2::text[])::text from {table} where organization_id = $1");
    let mut lines = sqlx::query_scalar::<_, String>(AssertSqlSafe(select))
        .bind(organisation.id.as_uuid())
        .bind(left_out)
        .fetch(connection);
    let mut writer = Writer::create(folder, format!("tables/{table}.jsonl"))?;
    while let Some(line) = lines.try_next().await? {
        writer.row(line.as_bytes())?;
    }
    writer.finish().map(Some)
}

async fn export_documents(
    connection: &mut PgConnection,
    organisation: &OrganisationName,
    folder: &Path,
    files: &mut Vec<ManifestFile>,
) -> anyhow::Result<()> {
    let mut after = Uuid::nil();
    loop {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select doc_id from document where organization_id = $1 and doc_id > $2 and deleted_at is null
             order by doc_id limit $3",
        )
        .bind(organisation.id.as_uuid())
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        let ids: Vec<DocumentId> = ids.into_iter().map(DocumentId::from_uuid).collect();
        for aggregate in document_store::read(connection, organisation.id, &ids).await? {
            let kind = aggregate.document.kind().code();
            let path = format!("documents/{kind}/{}.automerge", aggregate.id);
            let mut writer = Writer::create(folder, path)?;
            writer.write(&aggregate.document.save())?;
            writer.rows = 1;
            files.push(writer.finish()?);
        }
    }
}

fn write_alone(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let mut writer = Writer::create(folder, name.to_owned())?;
    writer.write(bytes)?;
    writer.finish()?;
    Ok(())
}

/// A file that knows its own hash.
struct Writer {
    path: String,
    place: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    rows: u64,
    bytes: u64,
}

impl Writer {
    fn create(folder: &Path, path: String) -> anyhow::Result<Self> {
        let place = folder.join(&path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        }
        let file = File::create(&place).with_context(|| format!("making {}", place.display()))?;
        Ok(Self { path, place, file: BufWriter::new(file), hash: Sha256::new(), rows: 0, bytes: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.file.write_all(bytes).with_context(|| format!("writing {}", self.place.display()))?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn row(&mut self, line: &[u8]) -> anyhow::Result<()> {
        self.write(line)?;
        self.write(b"\n")?;
        self.rows += 1;
        Ok(())
    }

    fn finish(self) -> anyhow::Result<ManifestFile> {
        let Self { path, place, mut file, hash, rows, bytes } = self;
        file.flush().with_context(|| format!("writing {}", place.display()))?;
        Ok(ManifestFile { path, rows, bytes, sha256: hex::encode(&hash.finalize()) })
    }
}
