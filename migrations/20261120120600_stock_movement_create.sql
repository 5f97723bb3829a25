-- The stock ledger and what it sums to. A balance below zero is a physical fact that was found offline: it
-- stands, and a discrepancy is stated beside it.

create table stock_movement (
    organization_id uuid not null,
    stock_movement_id uuid not null,
    storeroom_id uuid not null,
    part_id uuid not null,
    kind text not null,
    quantity_thousandths bigint not null,
    work_order_id uuid,
    counterpart uuid,
    note text,
    author uuid,
    actor bytea not null,
    at timestamptz not null,
    received_at timestamptz not null,
    primary key (organization_id, stock_movement_id)
);
create index stock_movement_by_place on stock_movement (organization_id, storeroom_id, part_id);
create index stock_movement_by_part on stock_movement (organization_id, part_id);
select protect_tenant_table('stock_movement');

create table stock_balance (
    organization_id uuid not null,
    storeroom_id uuid not null,
    part_id uuid not null,
    quantity_thousandths bigint not null,
    primary key (organization_id, storeroom_id, part_id)
);
create index stock_balance_by_part on stock_balance (organization_id, part_id);
select protect_tenant_table('stock_balance');

create table stock_discrepancy (
    organization_id uuid not null,
    stock_discrepancy_id uuid not null,
    storeroom_id uuid not null,
    part_id uuid not null,
    movement uuid not null,
    quantity_thousandths bigint not null,
    received_at timestamptz not null,
    primary key (organization_id, stock_discrepancy_id)
);
select protect_tenant_table('stock_discrepancy');
