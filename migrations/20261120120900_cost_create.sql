-- Money spent and prices: read only by people who may see costs.

create table cost_entry (
    organization_id uuid not null,
    cost_entry_id uuid not null,
    doc_id uuid not null,
    doc_kind text not null,
    kind text not null,
    minor bigint not null,
    currency text not null,
    note text,
    external text,
    author uuid,
    actor bytea not null,
    at timestamptz not null,
    received_at timestamptz not null,
    primary key (organization_id, cost_entry_id)
);
create index cost_entry_by_document on cost_entry (organization_id, doc_id);
select protect_tenant_table('cost_entry');

create table price (
    organization_id uuid not null,
    price_id uuid not null,
    part_id uuid not null,
    minor bigint not null,
    currency text not null,
    valid_from timestamptz not null,
    author uuid,
    actor bytea not null,
    at timestamptz not null,
    primary key (organization_id, price_id)
);
create index price_by_part on price (organization_id, part_id, valid_from);
select protect_tenant_table('price');
