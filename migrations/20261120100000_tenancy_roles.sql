-- Tenants are kept apart by row-level security, so the application must own nothing: the owner makes every
-- table, the application role works on them, and the sign-in role looks up who somebody is before a tenant
-- is known. The three roles belong to the cluster and exist before the first migration.

grant usage on schema public to maintainpro_app, maintainpro_signin;
-- The server reports itself ready only when its migrations are there.
grant select on _sqlx_migrations to maintainpro_app;

alter default privileges for role maintainpro_owner in schema public
    grant select, insert, update, delete on tables to maintainpro_app;
alter default privileges for role maintainpro_owner in schema public
    grant usage, select on sequences to maintainpro_app;
alter default privileges for role maintainpro_owner
    revoke execute on functions from public;

-- Every table with an organization_id is given to this, once, by the migration that creates it. FORCE holds
-- even the owner to the policy. Without a tenant set the policy compares with null: no row at all.
create function protect_tenant_table(tenant_table regclass) returns void
    language plpgsql
as $$
begin
    execute format('alter table %s enable row level security', tenant_table);
    execute format('alter table %s force row level security', tenant_table);
    execute format(
        'create policy tenant on %s'
        ' using (organization_id = nullif(current_setting(''app.organization_id'', true), '''')::uuid)'
        ' with check (organization_id = nullif(current_setting(''app.organization_id'', true), '''')::uuid)',
        tenant_table);
end
$$;
