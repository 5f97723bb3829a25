//! `maintainpro seed`: the demonstration, in an installation that lacks it.

use tokio_util::sync::CancellationToken;

use super::Installation;
use crate::clock::Clock;
use crate::demo;

pub(super) async fn run(installation: &Installation) -> anyhow::Result<()> {
    let database = installation.open_database().await?;
    let shutdown = CancellationToken::new();
    let node = installation.start_node(&database, &shutdown)?;
    let seeded = demo::seed(&database.pool, &node, Clock::System.now()).await;
    shutdown.cancel();
    database.close().await?;
    seeded?;
    println!("The demonstration is there. The password of everybody is {}.", demo::PASSWORD);
    for (organisation, email) in demo::logins() {
        println!("{organisation:<8} {email}");
    }
    Ok(())
}
