-- The audit trail: everything that matters as evidence and is no document, in an order without a gap. Rows are only ever
-- added: the application may neither change nor delete them, and a Merkle tree over them is signed (audit_head).

-- How many entries there are, and the chain of their hashes there. Its row is the last lock of every transaction that adds one, after
-- the feed's counter, so that the order of numbers is the order of commits.
create table audit_log (
    organization_id uuid primary key references organisation (organization_id),
    size bigint not null check (size > 0),
    chain_hash bytea not null check (length(chain_hash) = 32)
);
select protect_tenant_table('audit_log');

-- content is what leaf_hash is of; the other columns only find it. chain_hash is over the one before and leaf_hash: where rows
-- were rewritten together with their hashes, it tells the first.
create table audit_entry (
    organization_id uuid not null,
    seq bigint not null check (seq > 0),
    content text not null,
    leaf_hash bytea not null check (length(leaf_hash) = 32),
    chain_hash bytea not null check (length(chain_hash) = 32),
    received_at timestamptz not null,
    action text not null,
    person_id uuid,
    subject_id uuid,
    primary key (organization_id, seq)
);
create index audit_entry_by_person on audit_entry (organization_id, person_id, seq) where person_id is not null;
create index audit_entry_by_subject on audit_entry (organization_id, subject_id, seq) where subject_id is not null;
create index audit_entry_by_action on audit_entry (organization_id, action, seq);
select protect_tenant_table('audit_entry');

-- Complete subtrees above the leaves of both logs, so that proofs are made of few rows.
create table audit_node (
    organization_id uuid not null,
    log text not null check (log in ('entries', 'feed')),
    level integer not null check (level > 0),
    position bigint not null check (position >= 0),
    hash bytea not null check (length(hash) = 32),
    primary key (organization_id, log, level, position)
);
select protect_tenant_table('audit_node');

-- Signed tree heads over both logs.
create table audit_head (
    organization_id uuid not null references organisation (organization_id),
    entries_size bigint not null check (entries_size >= 0),
    feed_size bigint not null check (feed_size >= 0),
    entries_root bytea not null check (length(entries_root) = 32),
    feed_root bytea not null check (length(feed_root) = 32),
    epoch uuid not null,
    signed_at timestamptz not null,
    key bytea not null check (length(key) = 32),
    signature bytea not null check (length(signature) = 64),
    primary key (organization_id, entries_size, feed_size)
);
select protect_tenant_table('audit_head');

revoke update, delete on audit_entry, audit_node, audit_head from maintainpro_app;
revoke delete on audit_log from maintainpro_app;

-- Heads of all organisations are signed in turn; which have something new is all that is told without a tenant.
grant select (organization_id, size) on audit_log to maintainpro_signin;
create policy sign_in on audit_log for select to maintainpro_signin using (true);
grant select (organization_id, entries_size, feed_size) on audit_head to maintainpro_signin;
create policy sign_in on audit_head for select to maintainpro_signin using (true);

create function audit_unsigned()
    returns table (organization_id uuid)
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select known.organization_id
    from (select audit_log.organization_id from audit_log
          union select tenant_feed.organization_id from tenant_feed) as known
    left join audit_log on audit_log.organization_id = known.organization_id
    left join tenant_feed on tenant_feed.organization_id = known.organization_id
    where not exists (
        select from audit_head
        where audit_head.organization_id = known.organization_id
          and audit_head.entries_size = coalesce(audit_log.size, 0)
          and audit_head.feed_size = coalesce(tenant_feed.head, 0))
$$;

grant create on schema public to maintainpro_signin;
alter function audit_unsigned() owner to maintainpro_signin;
revoke create on schema public from maintainpro_signin;
revoke all on function audit_unsigned() from public;
grant execute on function audit_unsigned() to maintainpro_app;
