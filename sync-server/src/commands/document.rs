//! `maintainpro document`: takes documents away that should not be there, and brings them back.

use anyhow::{Context, bail};
use shared_model::identity::DocumentId;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Installation;
use crate::database::{Database, organisations};
use crate::sync::SyncNode;
use crate::sync::deletions::{Fate, Outcome, Requester};

/// What to do with them.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Delete documents: every device forgets them, and what comes for them later is refused
    Delete(Chosen),
    /// Bring deleted documents back, with all their history
    Restore(Chosen),
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
        let (chosen, fate) = match &command {
            Command::Delete(chosen) => (chosen, Fate::Deleted),
            Command::Restore(chosen) => (chosen, Fate::Restored),
        };
        decide(&database, &node, chosen, fate).await
    }
    .await;
    shutdown.cancel();
    database.close().await?;
    done
}

/// Each document by itself: what cannot be done holds up no other.
async fn decide(database: &Database, node: &SyncNode, chosen: &Chosen, fate: Fate) -> anyhow::Result<()> {
    let slug = &chosen.organisation;
    let found = organisations::find_by_slug(&database.pool, slug).await?;
    let organisation = found.with_context(|| format!("there is no organisation {slug}"))?.id;
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
