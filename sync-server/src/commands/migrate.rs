//! `maintainpro migrate`: opening a database migrates it.

use super::Installation;

pub(super) async fn run(installation: &Installation) -> anyhow::Result<()> {
    installation.open_database().await?.close().await?;
    println!("The database is up to date.");
    Ok(())
}
