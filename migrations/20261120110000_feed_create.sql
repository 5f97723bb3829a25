-- The change log of each organisation: the truth that documents' snapshots and every projection derive from.
-- Sequence numbers come from the counter row, whose lock is the last one a writer takes, so that the order of
-- numbers is the order of commits and a reader never skips a row that appears late.

create table tenant_feed (
    organization_id uuid primary key references organisation (organization_id),
    head bigint not null check (head >= 0),
    horizon bigint not null check (horizon >= 0),
    epoch uuid not null,
    chain_hash bytea not null check (length(chain_hash) = 32)
);
select protect_tenant_table('tenant_feed');

-- One row per change or record, in order of acceptance. Blanking a payload keeps item_hash, and with it the
-- chain, checkable. Scopes are those of the document before and after the command that brought the item.
create table feed (
    organization_id uuid not null references organisation (organization_id),
    seq bigint not null,
    item_kind text not null check (item_kind in ('change', 'record')),
    doc_id uuid not null,
    doc_kind text not null,
    item_id bytea not null,
    item_hash bytea not null check (length(item_hash) = 32),
    chain_hash bytea not null check (length(chain_hash) = 32),
    payload bytea not null,
    record_kind text,
    actor bytea not null check (length(actor) = 16),
    actor_seq bigint,
    author uuid,
    scopes_before text[] not null,
    scopes_after text[] not null,
    received_at timestamptz not null,
    receipt bytea not null,
    command_id uuid,
    primary key (organization_id, seq),
    constraint feed_item_key unique (organization_id, doc_id, item_id)
);
create index feed_by_document on feed (organization_id, doc_id, seq);
create unique index feed_record_key on feed (organization_id, item_id) where item_kind = 'record';
create unique index feed_actor_seq_key on feed (organization_id, doc_id, actor, actor_seq)
    where item_kind = 'change';
select protect_tenant_table('feed');

-- Nodes ask behind every wake-up hint whether a feed or a directory they serve has grown: numbers only, of the
-- tenants named.
grant select (organization_id, head) on tenant_feed to maintainpro_signin;
create policy poll on tenant_feed for select to maintainpro_signin using (true);
grant select (organization_id, version) on directory_version to maintainpro_signin;
create policy poll on directory_version for select to maintainpro_signin using (true);

create function tenant_heads(wanted uuid[])
    returns table (organization_id uuid, head bigint, directory_version bigint)
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select directory_version.organization_id, coalesce(tenant_feed.head, 0), directory_version.version
    from directory_version
    left join tenant_feed on tenant_feed.organization_id = directory_version.organization_id
    where directory_version.organization_id = any (wanted)
$$;

grant create on schema public to maintainpro_signin;
alter function tenant_heads(uuid[]) owner to maintainpro_signin;
revoke create on schema public from maintainpro_signin;
revoke all on function tenant_heads(uuid[]) from public;
grant execute on function tenant_heads(uuid[]) to maintainpro_app;
