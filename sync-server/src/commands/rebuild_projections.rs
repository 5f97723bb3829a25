//! `maintainpro rebuild-projections`: writes every projection table anew from the feed alone.

use anyhow::Context;
use shared_model::account::OrganisationName;
use sqlx::PgPool;

use super::Installation;
use crate::database::organisations;
use crate::projection;

/// Which organisations.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    /// Short name of one organisation; without it, all of them
    #[arg(long)]
    organisation: Option<String>,
}

pub(super) async fn run(installation: &Installation, arguments: &Arguments) -> anyhow::Result<()> {
    let database = installation.open_database().await?;
    let rebuilt = rebuild(&database.pool, arguments).await;
    database.close().await?;
    rebuilt
}

async fn rebuild(pool: &PgPool, arguments: &Arguments) -> anyhow::Result<()> {
    for organisation in arguments.chosen(pool).await? {
        let mut documents = 0;
        projection::rebuild(pool, organisation.id, |progress| {
            documents = progress.documents;
            eprintln!("{}: {} of {} documents", organisation.slug, progress.documents, progress.of);
        })
        .await
        .with_context(|| format!("rebuilding {}", organisation.slug))?;
        println!("{}: the rows of {documents} documents are written anew.", organisation.slug);
    }
    Ok(())
}

impl Arguments {
    /// The organisations chosen.
    pub(super) async fn chosen(&self, pool: &PgPool) -> anyhow::Result<Vec<OrganisationName>> {
        match &self.organisation {
            None => Ok(organisations::all(pool).await?),
            Some(slug) => {
                let found = organisations::find_by_slug(pool, slug).await?;
                Ok(vec![found.with_context(|| format!("there is no organisation {slug}"))?])
            }
        }
    }
}
