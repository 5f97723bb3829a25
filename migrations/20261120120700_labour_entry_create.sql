-- Hours people worked.

create table labour_entry (
    organization_id uuid not null,
    labour_entry_id uuid not null,
    work_order_id uuid not null,
    person uuid not null,
    minutes bigint not null,
    started timestamptz,
    note text,
    author uuid,
    actor bytea not null,
    at timestamptz not null,
    received_at timestamptz not null,
    primary key (organization_id, labour_entry_id)
);
create index labour_entry_by_work_order on labour_entry (organization_id, work_order_id);
select protect_tenant_table('labour_entry');
