//! `maintainpro organisation`: the organisations of an installation, for whoever runs it.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use shared_model::account::OrganisationName;
use shared_model::identity::OrganisationId;
use sqlx::PgPool;

use super::Installation;
use crate::clock::Clock;
use crate::database::{Database, organisations};
use crate::organisation::{export, overview, removal, suspension};
use crate::random;

/// What to do with them.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Create an organisation; `user add` then makes its first administrator
    Create {
        /// Short name people type when they sign in: small letters, digits and hyphens
        slug: String,
        /// Full name
        #[arg(long)]
        name: String,
    },
    /// Print every organisation, and how many people and documents it has
    List,
    /// Shut an organisation out: nobody gets in, and nothing is lost
    Suspend {
        /// Short name
        slug: String,
    },
    /// Let an organisation in again: all goes on where it was
    Resume {
        /// Short name
        slug: String,
    },
    /// Write all that an organisation has into a folder, for other programs to read
    Export {
        /// Short name
        slug: String,
        /// A folder that is empty or not there yet
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Delete an organisation that is suspended, for ever: only backups still hold it
    Delete {
        /// Short name
        slug: String,
        /// The short name once more
        #[arg(long, value_name = "SLUG")]
        confirm: String,
    },
}

pub(super) async fn run(installation: &Installation, command: Command) -> anyhow::Result<()> {
    let database = installation.open_database().await?;
    let done = execute(&database, &command).await;
    database.close().await?;
    let told = done?;
    if !told.is_empty() {
        println!("{told}");
    }
    Ok(())
}

/// Does it and gives what there is to tell.
async fn execute(database: &Database, command: &Command) -> anyhow::Result<String> {
    let (pool, now) = (&database.pool, Clock::System.now());
    match command {
        Command::Create { slug, name } => create(pool, slug, name).await,
        Command::List => list(pool).await,
        Command::Suspend { slug } => {
            let changed = suspension::set(pool, find(pool, slug).await?.id, true, now).await?;
            Ok(if changed {
                format!("{slug} is suspended.")
            } else {
                format!("{slug} was suspended before.")
            })
        }
        Command::Resume { slug } => {
            let changed = suspension::set(pool, find(pool, slug).await?.id, false, now).await?;
            Ok(if changed {
                format!("{slug} is let in again.")
            } else {
                format!("{slug} was not suspended.")
            })
        }
        Command::Export { slug, to } => {
            let organisation = find(pool, slug).await?;
            let export::Exported { rows, documents } = export::export(pool, &organisation, to, now).await?;
            Ok(format!("{slug}: {rows} rows and {documents} documents in {}", to.display()))
        }
        Command::Delete { slug, confirm } => delete(database, slug, confirm).await,
    }
}

async fn create(pool: &PgPool, slug: &str, name: &str) -> anyhow::Result<String> {
    ensure!(organisations::find_by_slug(pool, slug).await?.is_none(), "there is an organisation {slug}");
    let now = Clock::System.now();
    let id = OrganisationId::from_uuid(random::uuid(now));
    let organisation = OrganisationName { id, slug: slug.to_owned(), name: name.to_owned() };
    let mut transaction = pool.begin().await?;
    organisations::create(&mut transaction, &organisation, now)
        .await
        .context("creating the organisation (its short name has small letters, digits and hyphens)")?;
    transaction.commit().await?;
    Ok(format!(
        "{slug} is there. Make its first administrator with `maintainpro user add --organisation {slug} …`."
    ))
}

/// A line for each, without the end of the last line.
async fn list(pool: &PgPool) -> anyhow::Result<String> {
    let lines = overview::read(pool).await?.into_iter().map(|one| {
        let state = one.suspended_at.map_or_else(
            || "active".to_owned(),
            |since| format!("suspended since {}", since.format("%Y-%m-%d")),
        );
        let OrganisationName { slug, name, .. } = one.organisation;
        format!("{slug:<16} {state:<27} {:>6} people {:>8} documents  {name}", one.people, one.documents)
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

async fn delete(database: &Database, slug: &str, confirm: &str) -> anyhow::Result<String> {
    let organisation = find(&database.pool, slug).await?;
    ensure!(confirm == slug, "say its short name once more: --confirm {slug}");
    let mut owner = database.connect_as_owner().await?;
    let removed = removal::remove(&mut owner, organisation.id)
        .await
        .with_context(|| format!("deleting {slug} (maintainpro organisation suspend {slug} shuts it out)"))?;
    tracing::warn!(organisation = %organisation.id, rows = removed.rows, "an organisation was deleted");
    let removal::Removed { rows, tables } = removed;
    Ok(format!("{slug} is gone: {rows} rows of {tables} tables. Backups made before still hold it."))
}

async fn find(pool: &PgPool, slug: &str) -> anyhow::Result<OrganisationName> {
    let found = organisations::find_by_slug(pool, slug).await?;
    found.with_context(|| format!("there is no organisation {slug}"))
}
