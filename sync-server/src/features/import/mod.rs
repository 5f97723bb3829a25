//! Importing finished work from another system, through the same commands people use. Importing a file again
//! changes nothing; a row that is bad never stops the others; nothing that people changed since is overwritten.

mod commands;
mod excavator;
mod identity;
mod plan;

pub use self::commands::{CommandLine, execute as commands, read as read_commands};
pub use self::excavator::{ImportedRow, NotThisPreset, RejectedRow, RowResult, read as read_excavator};

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Serialize;
use shared_model::features::work_order::AssetLink;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::sync_protocol::CommandResult;
use shared_model::workspace::Aggregate;
use sqlx::PgPool;

use crate::database::tenant_transaction;
use crate::document_store;
use crate::features::asset;
use crate::sync::{Sender, SyncNode, TypedCommand};

/// Rows that are looked up and committed together.
const CHUNK: usize = 200;

/// Where and how to import.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Say what would happen, by the same checks, and change nothing.
    pub dry_run: bool,
}

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows in the file.
    pub rows: usize,
    /// New work orders.
    pub imported: usize,
    /// Work orders that lacked something the row has.
    pub updated: usize,
    /// Work orders that had everything already.
    pub unchanged: usize,
    /// Rows that cannot become a work order.
    pub rejected: usize,
}

/// Something to know about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// Line of the file, from 1.
    pub line: u64,
    /// The row was left out; otherwise it was taken all the same.
    pub rejected: bool,
    /// What it is.
    pub message: String,
}

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many.
    pub counts: Counts,
    /// Rejected rows and warnings, in order of the file.
    pub lines: Vec<ReportLine>,
}

impl Report {
    /// Tells something about a row that is taken all the same.
    fn warn(&mut self, line: u64, message: String) {
        self.lines.push(ReportLine { line, rejected: false, message });
    }

    /// Leaves a row out and says why.
    fn reject(&mut self, line: u64, message: String) {
        self.counts.rejected += 1;
        self.lines.push(ReportLine { line, rejected: true, message });
    }
}

/// Imports rows as closed work orders with their assets and costs. `progress` hears how many rows are done.
pub async fn work_orders(
    node: &SyncNode,
    pool: &PgPool,
    options: &Options,
    rows: Vec<RowResult>,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> anyhow::Result<Report> {
    let mut report = Report { counts: Counts { rows: rows.len(), ..Counts::default() }, ..Report::default() };
    let good = sort_out(rows, &mut report);
    let assets = ensure_assets(node, pool, options, &good).await?;
    let total = report.counts.rows;
    let mut done = total - good.len();
    for chunk in good.chunks(CHUNK) {
        import_chunk(node, pool, options, chunk, &assets, &mut report).await?;
        done += chunk.len();
        progress(done, total);
    }
    report.lines.sort_by_key(|line| line.line);
    Ok(report)
}

fn sort_out(rows: Vec<RowResult>, report: &mut Report) -> Vec<ImportedRow> {
    let mut good = Vec::with_capacity(rows.len());
    for row in rows {
        match row {
            Ok(row) => {
                row.warnings.iter().for_each(|text| report.warn(row.line, text.clone()));
                good.push(row);
            }
            Err(rejected) => report.reject(rejected.line, rejected.reason),
        }
    }
    good
}

/// The assets that rows name, by tag, or why one could not be created.
type Assets = BTreeMap<String, Result<AssetLink, String>>;

/// The assets the rows name: those that have the tag already, and new ones for the other tags.
async fn ensure_assets(
    node: &SyncNode,
    pool: &PgPool,
    options: &Options,
    rows: &[ImportedRow],
) -> anyhow::Result<Assets> {
    let mut tags: Vec<&str> = rows.iter().map(|row| row.asset.as_str()).collect();
    tags.sort_unstable();
    tags.dedup();
    let mut transaction = tenant_transaction(pool, options.organisation).await?;
    let present = asset::links_by_tag(&mut transaction, options.organisation, &tags).await?;
    transaction.commit().await?;
    let mut assets: Assets = present.into_iter().map(|link| (link.tag.clone(), Ok(link))).collect();
    let missing = tags.into_iter().filter(|tag| !assets.contains_key(*tag));
    let (new, commands): (Vec<AssetLink>, Vec<TypedCommand>) =
        missing.map(|tag| plan::new_asset(options.organisation, tag)).unzip();
    for (link, result) in new.into_iter().zip(execute(node, options, commands).await?) {
        let tag = link.tag.clone();
        let refused = |error| format!("the asset {tag} could not be created: {error}");
        assets.insert(tag.clone(), settled(&result).map(|_| link).map_err(refused));
    }
    Ok(assets)
}

/// Executes commands of which none builds upon another, or says what would become of them.
async fn execute(
    node: &SyncNode,
    options: &Options,
    commands: Vec<TypedCommand>,
) -> anyhow::Result<Vec<CommandResult>> {
    if options.dry_run {
        return node.rehearse(options.organisation).execute(commands).await;
    }
    Ok(node.execute_patiently(options.organisation, &Sender::default(), commands).await)
}

async fn import_chunk(
    node: &SyncNode,
    pool: &PgPool,
    options: &Options,
    rows: &[ImportedRow],
    assets: &Assets,
    report: &mut Report,
) -> anyhow::Result<()> {
    let present = present(pool, options.organisation, rows).await?;
    let mut planned: Vec<(&ImportedRow, bool, TypedCommand)> = Vec::new();
    for row in rows {
        let asset = assets.get(&row.asset).context("every row has its asset")?;
        let id = identity::document(options.organisation, &row.external);
        match present.get(&id) {
            None => match asset {
                Ok(asset) => planned.push((row, true, plan::new_work_order(id, row, asset))),
                Err(refused) => report.reject(row.line, refused.clone()),
            },
            Some(aggregate) => match plan::missing(aggregate, row) {
                Some(command) => planned.push((row, false, command)),
                None => report.counts.unchanged += 1,
            },
        }
    }
    let commands = planned.iter().map(|(_, _, command)| command.clone()).collect();
    let results = execute(node, options, commands).await?;
    for ((row, new, _), result) in planned.into_iter().zip(results) {
        match settled(&result) {
            Ok(false) => report.counts.unchanged += 1,
            Ok(true) if new => report.counts.imported += 1,
            Ok(true) => report.counts.updated += 1,
            Err(error) => report.reject(row.line, error.to_string()),
        }
    }
    Ok(())
}

async fn present(
    pool: &PgPool,
    organisation: OrganisationId,
    rows: &[ImportedRow],
) -> anyhow::Result<BTreeMap<DocumentId, Aggregate>> {
    let ids: Vec<DocumentId> =
        rows.iter().map(|row| identity::document(organisation, &row.external)).collect();
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let aggregates = document_store::read(&mut transaction, organisation, &ids).await?;
    transaction.commit().await?;
    Ok(aggregates.into_iter().map(|aggregate| (aggregate.id, aggregate)).collect())
}

/// Did the command change anything? An error when it did not get through.
fn settled(result: &CommandResult) -> anyhow::Result<bool> {
    match result {
        CommandResult::Accepted { .. } => Ok(true),
        CommandResult::Duplicate { .. } => Ok(false),
        CommandResult::Rejected { code, detail } => anyhow::bail!("refused ({code}): {detail}"),
        CommandResult::MissingDeps { .. } | CommandResult::Retry { .. } => {
            anyhow::bail!(
                "the database did not answer in time; import the file again, nothing is imported twice"
            )
        }
    }
}
