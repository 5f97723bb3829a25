//! `maintainpro verify-projections`: compares everything derived with a rebuild from the feed. Ends with an error
//! when anything differs; changes nothing.

use anyhow::{Context, ensure};
use sqlx::PgPool;

use super::Installation;
use super::rebuild_projections::Arguments;
use crate::projection;

pub(super) async fn run(installation: &Installation, arguments: &Arguments) -> anyhow::Result<()> {
    let database = installation.open_database().await?;
    let verified = verify(&database.pool, arguments).await;
    database.close().await?;
    verified
}

async fn verify(pool: &PgPool, arguments: &Arguments) -> anyhow::Result<()> {
    let mut differences = 0;
    for organisation in arguments.chosen(pool).await? {
        let found = projection::verify(pool, organisation.id, |progress| {
            eprintln!("{}: {} of {} documents", organisation.slug, progress.documents, progress.of);
        })
        .await
        .with_context(|| format!("verifying {}", organisation.slug))?;
        for difference in &found {
            println!(
                "{}: {}: {}: {}",
                organisation.slug, difference.table, difference.problem, difference.row
            );
        }
        differences += found.len();
    }
    ensure!(differences == 0, "{differences} rows are not as the feed says");
    println!("Everything is as the feed says.");
    Ok(())
}
