//! The three roles every installation has. They belong to the PostgreSQL server, not to one database.

use anyhow::Context;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

/// What the server works as: may change rows, owns nothing.
pub const APPLICATION: &str = "maintainpro_app";
/// What migrations run as: owns every table; nobody logs in as it.
pub const OWNER: &str = "maintainpro_owner";
/// What the functions that look somebody up before the tenant is known run as; nobody logs in as it.
pub const SIGN_IN: &str = "maintainpro_signin";

/// Serialises role changes of several nodes that start at once.
const ROLES_LOCK: i64 = 0x6d70_726f_6c65;

/// Creates what is missing and lets this user migrate, and `application_user` become the application role.
pub async fn ensure(connection: &mut PgConnection, application_user: Option<&str>) -> anyhow::Result<()> {
    sqlx::query("select pg_advisory_lock($1)").bind(ROLES_LOCK).execute(&mut *connection).await?;
    let outcome = create_and_grant(connection, application_user).await;
    sqlx::query("select pg_advisory_unlock($1)").bind(ROLES_LOCK).execute(&mut *connection).await?;
    outcome.with_context(|| {
        format!(
            "preparing the database roles; when this user may not, run as an administrator: \
             create role {OWNER} nologin; create role {SIGN_IN} nologin; create role {APPLICATION} login; \
             grant {SIGN_IN} to {OWNER}; grant {OWNER} to <the user of MAINTAINPRO_MIGRATE_URL>; \
             grant create, usage on schema public to {OWNER} with grant option; \
             grant {APPLICATION} to <the user of DATABASE_URL>"
        )
    })
}

async fn create_and_grant(connection: &mut PgConnection, application_user: Option<&str>) -> sqlx::Result<()> {
    for (role, login) in [(OWNER, "nologin"), (SIGN_IN, "nologin"), (APPLICATION, "login")] {
        let exists: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(role)
            .fetch_one(&mut *connection)
            .await?;
        if !exists {
            execute(connection, format!("create role {role} {login} nosuperuser nobypassrls nocreaterole"))
                .await?;
        }
    }
    let current: String = sqlx::query_scalar("select current_user").fetch_one(&mut *connection).await?;
    grant(connection, SIGN_IN, OWNER).await?;
    grant(connection, OWNER, &current).await?;
    if let Some(user) = application_user.filter(|user| *user != APPLICATION) {
        grant(connection, APPLICATION, user).await?;
    }
    let may_create: bool =
        sqlx::query_scalar("select has_schema_privilege($1, 'public', 'create with grant option')")
            .bind(OWNER)
            .fetch_one(&mut *connection)
            .await?;
    if !may_create {
        execute(connection, format!("grant create, usage on schema public to {OWNER} with grant option"))
            .await?;
    }
    Ok(())
}

async fn grant(connection: &mut PgConnection, role: &str, member: &str) -> sqlx::Result<()> {
    let is_member: bool = sqlx::query_scalar("select pg_has_role($1, $2, 'member')")
        .bind(member)
        .bind(role)
        .fetch_one(&mut *connection)
        .await?;
    if is_member {
        return Ok(());
    }
    execute(connection, format!("grant {role} to {}", quote_identifier(member))).await
}

/// Role statements take no parameters; every name here is our own or quoted.
async fn execute(connection: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Row-level security means nothing to a superuser or to the owner of a table, so the server does not run as one; nor does it
/// sign in as a superuser and become another role, because it could become one again.
pub async fn refuse_powerful_role(pool: &PgPool) -> anyhow::Result<()> {
    let (role, powerful): (String, bool) = sqlx::query_as(
        "select rolname::text,
                rolsuper or rolbypassrls
                or (rolname = current_user
                    and exists (select from pg_class where relowner = pg_roles.oid and relkind in ('r', 'p')))
                as powerful
         from pg_roles where rolname in (current_user, session_user)
         order by powerful desc limit 1",
    )
    .fetch_one(pool)
    .await?;
    anyhow::ensure!(
        !powerful,
        "the database role {role} is a superuser, passes row-level security or owns tables; \
         the server refuses to work as it"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::quote_identifier;

    #[test]
    fn a_quote_in_a_name_cannot_end_the_name() {
        assert_eq!(quote_identifier("we\"ird"), "\"we\"\"ird\"");
    }
}
