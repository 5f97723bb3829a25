//! The laws of the schema: tenants are apart in every table and in every key.

use maintainpro_tests::database::TestDatabase;
use sqlx::PgConnection;

/// Keys over all tenants, each with the reason.
const GLOBAL_KEYS: [&str; 1] = [
    // People type the short name before anybody knows their organisation.
    "organisation_slug_key",
];

const TENANT_POLICY: &str =
    "(organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid)";

async fn names(connection: &mut PgConnection, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn every_tenant_table_forces_row_level_security() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let unprotected = names(
        &mut connection,
        "select relname::text from pg_class
         join pg_attribute on attrelid = pg_class.oid and attname = 'organization_id'
         where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
           and not (relrowsecurity and relforcerowsecurity)",
    )
    .await;
    assert_eq!(unprotected, Vec::<String>::new(), "call protect_tenant_table('…') in their migrations");
}

#[tokio::test]
async fn every_tenant_table_has_the_tenant_policy_for_reading_and_writing() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let tables = names(
        &mut connection,
        "select relname::text from pg_class
         join pg_attribute on attrelid = pg_class.oid and attname = 'organization_id'
         where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1",
    )
    .await;
    assert!(tables.iter().any(|table| table == "person"), "the query finds tables: {tables:?}");
    let protected: Vec<String> = sqlx::query_scalar(
        "select tablename::text from pg_policies
         where policyname = 'tenant' and cmd = 'ALL' and qual = $1 and with_check = $1 order by 1",
    )
    .bind(TENANT_POLICY)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(tables, protected);
}

#[tokio::test]
async fn no_policy_opens_tenants_to_the_application_role() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let open = names(
        &mut connection,
        "select tablename || '.' || policyname from pg_policies
         where policyname <> 'tenant' and (roles <> '{maintainpro_signin}' or cmd <> 'SELECT')",
    )
    .await;
    assert_eq!(open, Vec::<String>::new(), "only the sign-in role may look past tenants, and only read");
}

#[tokio::test]
async fn every_key_of_a_tenant_table_starts_with_the_organisation() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "select conname::text, conrelid::regclass::text, first_column.attname::text
         from pg_constraint
         join pg_attribute first_column
             on first_column.attrelid = conrelid and first_column.attnum = conkey[1]
         join pg_attribute tenant on tenant.attrelid = conrelid and tenant.attname = 'organization_id'
         where contype in ('p', 'u', 'f') and connamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(keys.len() > 10, "the query finds keys: {keys:?}");
    let astray: Vec<_> = keys
        .iter()
        .filter(|(name, _, first)| first != "organization_id" && !GLOBAL_KEYS.contains(&name.as_str()))
        .collect();
    assert!(astray.is_empty(), "{astray:?}");
}

#[tokio::test]
async fn every_unique_index_of_a_tenant_table_starts_with_the_organisation() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let astray: Vec<String> = sqlx::query_scalar(
        "select indexrelid::regclass::text from pg_index
         join pg_class on pg_class.oid = indrelid and relnamespace = 'public'::regnamespace
         join pg_attribute tenant on tenant.attrelid = indrelid and tenant.attname = 'organization_id'
         where indisunique and indkey[0] <> tenant.attnum and indexrelid::regclass::text <> all($1)",
    )
    .bind(GLOBAL_KEYS.map(str::to_owned).to_vec())
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(astray, Vec::<String>::new());
}

#[tokio::test]
async fn a_table_without_an_organisation_is_known_by_name() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let tables = names(
        &mut connection,
        "select relname::text from pg_class
         where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
           and not exists (select from pg_attribute
                           where attrelid = pg_class.oid and attname = 'organization_id')
         order by 1",
    )
    .await;
    // Wrong passwords are counted before the tenant is known.
    assert_eq!(tables, ["_sqlx_migrations", "sign_in_throttle"]);
}

#[tokio::test]
async fn the_owner_owns_every_table_and_the_application_none() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let owners = names(
        &mut connection,
        "select distinct relowner::regrole::text from pg_class
         where relkind in ('r', 'p', 'i', 'S', 'v') and relnamespace = 'public'::regnamespace",
    )
    .await;
    assert_eq!(owners, ["maintainpro_owner"]);
    let privileged = names(
        &mut connection,
        "select rolname::text from pg_roles
         where rolname like 'maintainpro\\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)",
    )
    .await;
    assert_eq!(privileged, Vec::<String>::new());
}

#[tokio::test]
async fn functions_that_look_past_tenants_are_few_and_fixed() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let careless = names(
        &mut connection,
        "select proname::text from pg_proc
         where prosecdef and pronamespace = 'public'::regnamespace
           and (proowner::regrole::text <> 'maintainpro_signin'
                or proconfig is null or not proconfig::text like '%search_path=pg_catalog, public%'
                or has_function_privilege('public', oid, 'execute'))",
    )
    .await;
    assert_eq!(careless, Vec::<String>::new(), "owner, search_path and revoke of security definer functions");
}
