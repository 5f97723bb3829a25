//! `maintainpro quarantine`: looks at what ingest set aside, takes it away as files, and tries it once more.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared_model::identity::OrganisationId;
use shared_model::sync_protocol::CommandResult;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Installation;
use crate::database::organisations;
use crate::sync::SyncNode;
use crate::sync::quarantine::{self, Kept};

/// What to do with it.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List what is kept: why, whose, from which device and since when
    List(Chosen),
    /// Write commands to files, one each, with their bytes and what their author wanted
    Export(Export),
    /// Judge commands again, by the rights their authors have now
    Release(Chosen),
}

/// Which commands.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Chosen {
    /// Ids of the commands; without any, all of them
    commands: Vec<Uuid>,
    /// Short name of the organisation
    #[arg(long)]
    organisation: String,
    /// Only those that were refused with this code
    #[arg(long)]
    code: Option<String>,
    /// Print one JSON array
    #[arg(long)]
    json: bool,
}

/// Flags of `quarantine export`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    chosen: Chosen,
    /// The folder for the files
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    to: PathBuf,
}

impl Command {
    const fn chosen(&self) -> &Chosen {
        match self {
            Self::List(chosen) | Self::Release(chosen) | Self::Export(Export { chosen, .. }) => chosen,
        }
    }
}

/// The organisation and what is kept of it.
struct Store<'a> {
    pool: &'a PgPool,
    organisation: OrganisationId,
    kept: Vec<Kept>,
}

pub(super) async fn run(installation: &Installation, command: Command) -> anyhow::Result<()> {
    let database = installation.open_database().await?;
    let shutdown = CancellationToken::new();
    let done = async {
        let store = Store::open(&database.pool, command.chosen()).await?;
        match &command {
            Command::List(chosen) => list(&store.kept, chosen.json),
            Command::Export(export) => store.export(export).await?,
            Command::Release(chosen) => {
                store.release(&installation.start_node(&database, &shutdown)?, chosen.json).await?;
            }
        }
        Ok(())
    }
    .await;
    shutdown.cancel();
    database.close().await?;
    done
}

fn list(kept: &[Kept], as_json: bool) {
    if as_json {
        println!("{}", json!(kept));
        return;
    }
    for command in kept {
        let author = command.author_name.as_deref().unwrap_or("the server");
        let device = command.device_name.as_deref().unwrap_or("no device");
        println!(
            "{}  {}  {}  {author}, {device}  {} bytes, {} tries  {}",
            command.command_id,
            command.received_at.format("%Y-%m-%d %H:%M:%S"),
            command.code,
            command.size_bytes,
            command.attempts,
            command.detail.replace('\n', " "),
        );
    }
    println!("{} commands are kept.", kept.len());
}

impl<'a> Store<'a> {
    async fn open(pool: &'a PgPool, chosen: &Chosen) -> anyhow::Result<Self> {
        let slug = &chosen.organisation;
        let found = organisations::find_by_slug(pool, slug).await?;
        let organisation = found.with_context(|| format!("there is no organisation {slug}"))?.id;
        let mut kept = quarantine::list(pool, organisation).await?;
        if let Some(absent) =
            chosen.commands.iter().find(|id| kept.iter().all(|kept| kept.command_id != **id))
        {
            bail!("no command {absent} is kept");
        }
        kept.retain(|kept| {
            (chosen.commands.is_empty() || chosen.commands.contains(&kept.command_id))
                && chosen.code.as_ref().is_none_or(|code| *code == kept.code)
        });
        Ok(Self { pool, organisation, kept })
    }

    async fn export(&self, export: &Export) -> anyhow::Result<()> {
        std::fs::create_dir_all(&export.to)
            .with_context(|| format!("{} cannot be made", export.to.display()))?;
        let mut written = Vec::with_capacity(self.kept.len());
        for kept in &self.kept {
            let file = export.to.join(format!("{}.json", kept.command_id));
            let bytes = quarantine::bytes(self.pool, self.organisation, kept.command_id).await?;
            // Between the list and now the quota may have dropped it.
            let Some(bytes) = bytes else { continue };
            write(&file, kept, &bytes)?;
            written.push(file.display().to_string());
        }
        match export.chosen.json {
            true => println!("{}", json!(written)),
            false => written.iter().for_each(|file| println!("{file}")),
        }
        Ok(())
    }

    async fn release(&self, node: &SyncNode, as_json: bool) -> anyhow::Result<()> {
        let mut outcomes = Vec::with_capacity(self.kept.len());
        for kept in &self.kept {
            let released = quarantine::release(node, self.pool, self.organisation, kept).await;
            let (is_in, outcome, detail) = match released {
                Ok(result) => told(result),
                Err(error) => (false, "unreadable".to_owned(), format!("{error:#}")),
            };
            if !as_json {
                println!("{}  {outcome}  {detail}", kept.command_id);
            }
            outcomes.push((kept.command_id, is_in, outcome, detail));
        }
        if as_json {
            let list: Vec<Value> = outcomes
                .iter()
                .map(|(id, _, outcome, detail)| json!({"id": id, "outcome": outcome, "detail": detail}))
                .collect();
            println!("{}", json!(list));
        }
        match outcomes.iter().filter(|(_, is_in, ..)| !is_in).count() {
            0 => Ok(()),
            left => bail!("{left} of {} commands were not taken and are still kept", outcomes.len()),
        }
    }
}

/// Everything known about a command in one file; the bytes are those that came, in Base64.
fn write(file: &Path, kept: &Kept, bytes: &[u8]) -> anyhow::Result<()> {
    let intent = quarantine::intent(kept, bytes);
    let intent = intent.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)));
    let whole = json!({ "kept": kept, "intent": intent, "bytes": STANDARD.encode(bytes) });
    std::fs::write(file, format!("{whole:#}\n"))
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// Is it in the feed now, and in words what happened?
fn told(result: CommandResult) -> (bool, String, String) {
    let seqs =
        |seqs: Vec<u64>| format!("feed {}", seqs.iter().map(u64::to_string).collect::<Vec<_>>().join(" "));
    match result {
        CommandResult::Accepted { seqs: rows, .. } => (true, "accepted".to_owned(), seqs(rows)),
        CommandResult::Duplicate { seqs: rows } => (true, "duplicate".to_owned(), seqs(rows)),
        CommandResult::MissingDeps { hashes } => {
            (false, "missing_deps".to_owned(), format!("{} things it builds upon are not here", hashes.len()))
        }
        CommandResult::Rejected { code, detail } => (false, code, detail),
        CommandResult::Retry { .. } => (false, "retry".to_owned(), "the database is busy or away".to_owned()),
    }
}
