//! The application's own filters, taken away: wherever one of its statements compares an organisation with an organisation,
//! they are the same. The policies of row-level security were written before, and compare as ever.

use maintainpro_tests::until::until;
use sqlx::AssertSqlSafe;
use sync_server::database::roles;

use super::stage::Stage;

/// From here on `organization_id = $1` holds in every row there is, of whichever organisation.
pub(super) async fn remove(stage: &Stage) {
    let mut superuser = stage.server.database.superuser().await;
    let organisations = [stage.victim.organisation, stage.prober.organisation];
    let is_one = |value: &str| {
        let each = organisations.map(|id| format!("pg_catalog.uuid_eq({value}, '{id}'::uuid)"));
        format!("({})", each.join(" or "))
    };
    let (left, right) = (is_one("$1"), is_one("$2"));
    let role = roles::APPLICATION;
    let statements = format!(
        "create schema unfiltered;
         grant usage on schema unfiltered to public;
         create function unfiltered.same(uuid, uuid) returns boolean language sql immutable as
            $$ select pg_catalog.uuid_eq($1, $2) or ({left} and {right}) $$;
         create operator unfiltered.= (leftarg = uuid, rightarg = uuid, function = unfiltered.same);
         do $$ begin
            execute format('alter role {role} in database %I set search_path = unfiltered, public, pg_catalog',
                           current_database());
         end $$;
         select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid();"
    );
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut superuser).await.unwrap();
    // What comes instead of the connections that are gone compares in the new way.
    until("compared without a filter", async || {
        let same: sqlx::Result<bool> = sqlx::query_scalar("select $1::uuid = $2::uuid")
            .bind(organisations[0].as_uuid())
            .bind(organisations[1].as_uuid())
            .fetch_one(&stage.server.state.pool)
            .await;
        if matches!(same, Ok(true)) { Ok(()) } else { Err(same) }
    })
    .await;
}
