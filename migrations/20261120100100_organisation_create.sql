-- The tenants. An organisation sees itself only; its short name is the one thing unique over all of them,
-- because people type it before anybody knows who they are.

create table organisation (
    organization_id uuid primary key,
    slug text not null constraint organisation_slug_key unique
        check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name text not null check (length(name) between 1 and 200),
    created_at timestamptz not null
);
select protect_tenant_table('organisation');

-- Commands on the server's own machine (import, rebuild) start from a short name, or go over all tenants.
grant select (organization_id, slug, name) on organisation to maintainpro_signin;
create policy sign_in on organisation for select to maintainpro_signin using (true);

create function organisations_known(wanted_slug text)
    returns table (organization_id uuid, slug text, name text)
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select organisation.organization_id, organisation.slug, organisation.name
    from organisation
    where wanted_slug is null or organisation.slug = wanted_slug
    order by organisation.slug
$$;

grant create on schema public to maintainpro_signin;
alter function organisations_known(text) owner to maintainpro_signin;
revoke create on schema public from maintainpro_signin;
revoke all on function organisations_known(text) from public;
grant execute on function organisations_known(text) to maintainpro_app;
