//! `maintainpro document`: takes documents away that should not be there, brings them back, and lets them begin anew.

use anyhow::{Context, bail};
use shared_model::identity::{DocumentId, OrganisationId, RecordId};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Installation;
use crate::database::{Database, organisations};
use crate::sync::SyncNode;
use crate::sync::deletions::{Fate, Outcome, Requester};
use crate::sync::roots::Rerooted;

/// What to do with them.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Delete documents: every device forgets them, and what comes for them later is refused
    Delete(Chosen),
    /// Bring deleted documents back, with all their history
    Restore(Chosen),
    /// Let a document begin anew with what it says now: its history is erased
    Reroot(Reroot),
}

/// Which document, and what goes with its history.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Reroot {
    /// Its id
    document: Uuid,
    /// Short name of the organisation
    #[arg(long)]
    organisation: String,
    /// Remarks to erase as well
    #[arg(long = "without-remark", value_name = "ID")]
    without_remarks: Vec<Uuid>,
}

/// Which documents.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Chosen {
    /// Their ids
    #[arg(required = true)]
    documents: Vec<Uuid>,
    /// Short name of the organisation
    #[arg(long)]
    organisation: String,
}

pub(super) async fn run(installation: &Installation, command: Command) -> anyhow::Result<()> {
    let database = installation.open_database().await?;
    let shutdown = CancellationToken::new();
    let done = async {
        let node = installation.start_node(&database, &shutdown)?;
        match &command {
            Command::Delete(chosen) => decide(&database, &node, chosen, Fate::Deleted).await,
            Command::Restore(chosen) => decide(&database, &node, chosen, Fate::Restored).await,
            Command::Reroot(chosen) => reroot(&database, &node, chosen).await,
        }
    }
    .await;
    shutdown.cancel();
    database.close().await?;
    done
}

async fn organisation(database: &Database, slug: &str) -> anyhow::Result<OrganisationId> {
    let found = organisations::find_by_slug(&database.pool, slug).await?;
    Ok(found.with_context(|| format!("there is no organisation {slug}"))?.id)
}

async fn reroot(database: &Database, node: &SyncNode, chosen: &Reroot) -> anyhow::Result<()> {
    let organisation = organisation(database, &chosen.organisation).await?;
    let id = DocumentId::from_uuid(chosen.document);
    let erased = chosen.without_remarks.iter().map(|remark| RecordId::from_uuid(*remark)).collect();
    match node.reroot(organisation, id, &erased).await? {
        Rerooted::Done { seq, blanked } => {
            println!("{id}  rerooted  feed {seq}, {blanked} rows erased");
            Ok(())
        }
        Rerooted::Unknown => bail!("there is no document {id}"),
        Rerooted::Held(reason) => {
            bail!(
                "its history has to be kept: {reason} (whoever administers the organisation releases the hold)"
            )
        }
        Rerooted::Conflicts(fields) => bail!(
            "people wrote different values at the same time, and only one of each would stay; settle them first: {}",
            fields.join(", ")
        ),
        Rerooted::NotErasable(records) => {
            let records: Vec<String> = records.iter().map(RecordId::to_string).collect();
            bail!("no remarks of this document: {}", records.join(", "))
        }
    }
}

/// Each document by itself: what cannot be done holds up no other.
async fn decide(database: &Database, node: &SyncNode, chosen: &Chosen, fate: Fate) -> anyhow::Result<()> {
    let organisation = organisation(database, &chosen.organisation).await?;
    let operator = Requester { grants: None, device: None };
    let mut left = 0;
    for id in &chosen.documents {
        let document = DocumentId::from_uuid(*id);
        let outcome = node.decide_existence(organisation, document, fate, operator).await?;
        left += usize::from(!matches!(outcome, Outcome::Done(_) | Outcome::Already));
        println!("{id}  {}", told(fate, &outcome));
    }
    match left {
        0 => Ok(()),
        left => bail!("{left} of {} documents stay as they are", chosen.documents.len()),
    }
}

fn told(fate: Fate, outcome: &Outcome) -> String {
    let done = match fate {
        Fate::Deleted => "deleted",
        Fate::Restored => "restored",
    };
    match outcome {
        Outcome::Done(seq) => format!("{done}  feed {seq}"),
        Outcome::Already => format!("{done} before"),
        Outcome::Unknown => "unknown".to_owned(),
        Outcome::NotPermitted => "not_permitted".to_owned(),
        Outcome::Named(namers) => {
            let each = namers.iter().map(|namers| format!("{} {}", namers.count, namers.what));
            format!("named_elsewhere  {}", each.collect::<Vec<_>>().join(", "))
        }
    }
}
