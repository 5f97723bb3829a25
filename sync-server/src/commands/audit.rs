//! `maintainpro audit`: whether the trail is as it was, in the database or in a file that somebody took away.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use shared_model::audit::{HeadWithProof, TreeHead, Witness};
use shared_model::hex;
use sqlx::PgPool;

use super::Installation;
use crate::audit::bundle::{self, Bundle};
use crate::audit::key::AuditKey;
use crate::audit::{retention, signing, verify};
use crate::clock::Clock;
use crate::database::{Database, organisations};

/// What to do with the trail.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check every entry, every row of the feed and every signed head; names the first that is not as it was
    Verify(Verify),
    /// Sign what is new, and print the head: keep it where whoever administers the database cannot rewrite it
    Head(Chosen),
    /// Erase texts that are older than their organisation keeps them; hashes and proofs stay
    Prune(Chosen),
    /// Print the public key that heads are signed with
    Key,
}

/// Whose trail.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Chosen {
    /// Short name of one organisation; without it, of all
    #[arg(long)]
    organisation: Option<String>,
}

/// Flags of `audit verify`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    chosen: Chosen,
    /// A head that was kept elsewhere: a file of `audit head`, or one that a device gave; may be repeated
    #[arg(long = "head", value_name = "FILE")]
    heads: Vec<PathBuf>,
    /// Check this file of entries instead of a database
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The public key, 64 hexadecimal digits; without it that of this installation
    #[arg(long, value_name = "DIGITS")]
    key: Option<String>,
}

pub(super) async fn run(installation: &Installation, command: Command) -> anyhow::Result<()> {
    let own = || AuditKey::from_seed(&installation.data.known_audit_seed()?);
    match command {
        Command::Key => {
            println!("{}", hex::encode(own()?.public()));
            Ok(())
        }
        Command::Verify(Verify { bundle: Some(file), key, .. }) => {
            let key = key.map_or_else(|| Ok(own()?.public().to_vec()), |digits| public_key(&digits))?;
            check_file(&file, &key)
        }
        Command::Verify(flags) => {
            let key = flags.key.as_deref();
            let key = key.map_or_else(|| Ok(own()?.public().to_vec()), public_key)?;
            let database = installation.open_database().await?;
            let done = check_database(&database.pool, &flags, &key).await;
            database.close().await?;
            done
        }
        Command::Prune(chosen) => {
            let database = installation.open_database().await?;
            let done = prune(&database, &chosen).await;
            database.close().await?;
            done
        }
        Command::Head(chosen) => {
            let database = installation.open_database().await?;
            let done = print_heads(&database.pool, &chosen, &own()?).await;
            database.close().await?;
            done
        }
    }
}

async fn prune(database: &Database, chosen_ones: &Chosen) -> anyhow::Result<()> {
    let mut owner = database.connect_as_owner().await?;
    let mut kept = 0;
    for organisation in chosen(&database.pool, chosen_ones).await? {
        let slug = organisation.slug;
        match retention::prune(&mut owner, organisation.id, Clock::System.now()).await {
            Ok(Some(count)) => println!("{slug}: {count} texts erased"),
            Ok(None) => println!("{slug}: keeps everything"),
            Err(error) => {
                kept += 1;
                println!("{slug}: nothing erased: {error:#}");
            }
        }
    }
    ensure!(kept == 0, "texts of {kept} organisations stay");
    Ok(())
}

fn public_key(digits: &str) -> anyhow::Result<Vec<u8>> {
    let key = hex::decode(digits.trim()).filter(|key| key.len() == 32);
    key.context("a public key has 64 hexadecimal digits")
}

fn check_file(file: &Path, key: &[u8]) -> anyhow::Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let bundle: Bundle = serde_json::from_str(&text)
        .with_context(|| format!("{} is no file of audit entries", file.display()))?;
    if let Err(problem) = bundle::check(&bundle, key) {
        bail!("{}: {problem}", file.display());
    }
    let Bundle { from, to, head, .. } = bundle;
    println!("Entries {from} to {to} are as they were when {} were signed.", head.entries.size);
    Ok(())
}

async fn check_database(pool: &PgPool, flags: &Verify, key: &[u8]) -> anyhow::Result<()> {
    let mut kept = Vec::new();
    for file in &flags.heads {
        kept.extend(read_heads(file)?);
    }
    let mut wrong = 0;
    for organisation in chosen(pool, &flags.chosen).await? {
        let own =
            |head: &TreeHead| flags.chosen.organisation.is_some() || head.organisation == organisation.id;
        let kept: Vec<TreeHead> = kept.iter().filter(|head| own(head)).cloned().collect();
        let verified = verify::verify(pool, organisation.id, key, &kept)
            .await
            .with_context(|| format!("verifying {}", organisation.slug))?;
        for tampering in &verified.found {
            println!("{}: {tampering}", organisation.slug);
        }
        wrong += verified.found.len();
        let verify::Verified { entries, feed, heads, .. } = verified;
        println!("{}: {entries} entries, {feed} rows of the feed, {heads} heads", organisation.slug);
    }
    ensure!(wrong == 0, "the audit trail is not as it was");
    println!("Everything is as it was.");
    Ok(())
}

async fn print_heads(pool: &PgPool, wanted: &Chosen, key: &AuditKey) -> anyhow::Result<()> {
    for organisation in chosen(pool, wanted).await? {
        let head = signing::sign(pool, key, organisation.id, Clock::System.now()).await?;
        println!("{}", serde_json::to_string(&head)?);
    }
    Ok(())
}

async fn chosen(
    pool: &PgPool,
    chosen: &Chosen,
) -> anyhow::Result<Vec<shared_model::account::OrganisationName>> {
    let Some(slug) = &chosen.organisation else { return Ok(organisations::all(pool).await?) };
    let found = organisations::find_by_slug(pool, slug).await?;
    Ok(vec![found.with_context(|| format!("there is no organisation {slug}"))?])
}

/// The heads in a file: one a line as `audit head` prints them, an answer of the API, or what a device keeps.
fn read_heads(file: &Path) -> anyhow::Result<Vec<TreeHead>> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if let Ok(HeadWithProof { head, .. }) = serde_json::from_str(&text) {
        return Ok(vec![head]);
    }
    if let Ok(Witness { head: Some(head), ended, contradicted_by }) = serde_json::from_str(&text) {
        return Ok([head].into_iter().chain(ended).chain(contradicted_by).collect());
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let heads: Result<Vec<TreeHead>, _> = lines.map(serde_json::from_str).collect();
    heads.with_context(|| format!("{} holds no signed head", file.display()))
}
