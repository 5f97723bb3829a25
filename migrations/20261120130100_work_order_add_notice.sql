-- What the server accepted on a work order and then set right: one row a notice, for the inbox.

create table work_order_notice (
    organization_id uuid not null,
    work_order_notice_id uuid not null,
    work_order_id uuid not null,
    kind text not null,
    status_event uuid,
    person uuid,
    addressee uuid,
    detail text not null,
    at timestamptz not null,
    settled boolean not null,
    settled_by uuid,
    primary key (organization_id, work_order_notice_id)
);
create index work_order_notice_by_order on work_order_notice (organization_id, work_order_id);
create index work_order_notice_open on work_order_notice (organization_id, work_order_notice_id)
    where not settled;
select protect_tenant_table('work_order_notice');
