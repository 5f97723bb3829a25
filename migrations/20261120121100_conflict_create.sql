-- Values that were written to one field at the same time and wait for somebody to choose: one row a value.
-- Who stands behind an actor is in the directory, where it can be erased.

create table conflict (
    organization_id uuid not null,
    doc_id uuid not null,
    field text not null,
    position integer not null,
    doc_kind text not null,
    value text not null,
    actor bytea not null,
    at timestamptz not null,
    shown boolean not null,
    primary key (organization_id, doc_id, field, position)
);
select protect_tenant_table('conflict');
