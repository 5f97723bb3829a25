-- Values read from the meters of assets.

create table meter_reading (
    organization_id uuid not null,
    meter_reading_id uuid not null,
    asset_id uuid not null,
    meter text not null,
    value_thousandths bigint not null,
    unit text not null,
    work_order_id uuid,
    author uuid,
    actor bytea not null,
    at timestamptz not null,
    received_at timestamptz not null,
    primary key (organization_id, meter_reading_id)
);
create index meter_reading_by_asset on meter_reading (organization_id, asset_id, meter, at);
select protect_tenant_table('meter_reading');
