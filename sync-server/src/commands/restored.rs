//! `maintainpro restored`: says that a backup was restored. Devices then compare their copies with the database and give
//! back what it lacks; no work order number is given twice.

use super::Installation;
use super::rebuild_projections::Arguments;
use crate::clock::Clock;
use crate::sync::epoch;

pub(super) async fn run(installation: &Installation, arguments: &Arguments) -> anyhow::Result<()> {
    let database = installation.open_database().await?;
    let begun = begin(&database.pool, arguments).await;
    database.close().await?;
    begun
}

async fn begin(pool: &sqlx::PgPool, arguments: &Arguments) -> anyhow::Result<()> {
    for organisation in arguments.chosen(pool).await? {
        if epoch::begin(pool, organisation.id, None, Clock::System.now()).await? {
            println!(
                "{}: a new history begins; every device compares its copy at its next contact",
                organisation.slug
            );
        } else {
            println!("{}: nothing has been stored yet", organisation.slug);
        }
    }
    Ok(())
}
