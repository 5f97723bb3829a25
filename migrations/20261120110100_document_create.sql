-- The present state of every document: its version for optimistic commits, where it belongs, and a snapshot
-- of its changes. All of it can be rebuilt from the feed.

create table document (
    organization_id uuid not null references organisation (organization_id),
    doc_id uuid not null,
    kind text not null,
    version bigint not null,
    heads bytea not null check (length(heads) % 32 = 0),
    scopes text[] not null,
    change_count bigint not null,
    snapshot bytea,
    snapshot_seq bigint not null default 0,
    snapshot_change_count bigint not null default 0,
    deleted_at timestamptz,
    primary key (organization_id, doc_id)
);
create index document_by_scope on document using gin (scopes);
select protect_tenant_table('document');
