-- Who stands behind an actor changes whenever a device starts and writes; what people may do changes rarely. Whoever
-- follows the directory looks at rights anew only when they may have changed.

alter table directory_version add column rights_version bigint not null default 0;
grant select (rights_version) on directory_version to maintainpro_signin;

drop function tenant_heads(uuid[]);
create function tenant_heads(wanted uuid[])
    returns table (organization_id uuid, head bigint, directory_version bigint, rights_version bigint)
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select directory_version.organization_id, coalesce(tenant_feed.head, 0), directory_version.version,
           directory_version.rights_version
    from directory_version
    left join tenant_feed on tenant_feed.organization_id = directory_version.organization_id
    where directory_version.organization_id = any (wanted)
$$;

grant create on schema public to maintainpro_signin;
alter function tenant_heads(uuid[]) owner to maintainpro_signin;
revoke create on schema public from maintainpro_signin;
revoke all on function tenant_heads(uuid[]) from public;
grant execute on function tenant_heads(uuid[]) to maintainpro_app;
