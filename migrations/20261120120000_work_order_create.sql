-- Work orders as lists, boards and search read them, and their status events. Derived from the feed: no
-- constraint beyond the key, because what people typed apart from each other may contradict itself.

create table work_order (
    organization_id uuid not null,
    work_order_id uuid not null,
    number text not null,
    title text not null,
    description text not null,
    status text not null,
    priority text not null,
    work_type text not null,
    origin text not null,
    origin_ref text,
    external text,
    requester uuid,
    site uuid,
    location uuid,
    asset_tag text,
    asset_name text,
    assets uuid[] not null,
    people uuid[] not null,
    teams uuid[] not null,
    tags text[] not null,
    planned_start timestamptz,
    due timestamptz,
    estimated_minutes bigint,
    downtime_start timestamptz,
    downtime_end timestamptz,
    failure_mode text,
    failure_mechanism text,
    failure_cause text,
    failure_detection text,
    failure_impact text,
    steps_answered integer not null,
    steps_total integer not null,
    labour_minutes bigint not null,
    comments integer not null,
    parts_used integer not null,
    conflicts text[] not null,
    anomalies text[] not null,
    completed_at timestamptz,
    updated_at timestamptz not null,
    scopes text[] not null,
    search_text text not null,
    search tsvector generated always as (to_tsvector('simple', search_text)) stored,
    primary key (organization_id, work_order_id)
);
create index work_order_by_status on work_order (organization_id, status, work_order_id desc);
create index work_order_by_due on work_order (organization_id, due) where completed_at is null;
create index work_order_by_external on work_order (organization_id, external) where external is not null;
create index work_order_by_search on work_order using gin (search);
create index work_order_by_scope on work_order using gin (scopes);
select protect_tenant_table('work_order');

-- Row-level security asks no index a question whose answer might tell of other rows, and text search is such a
-- question. So matching ids are looked up under a role that sees every row, for the tenant of the transaction
-- alone; what is shown of them is read under the policy as ever.
grant select (organization_id, work_order_id, search) on work_order to maintainpro_signin;
create policy search on work_order for select to maintainpro_signin using (true);

create function work_orders_matching(query text)
    returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select work_order.work_order_id
    from work_order
    where work_order.organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
      and work_order.search @@ to_tsquery('simple', query)
$$;

grant create on schema public to maintainpro_signin;
alter function work_orders_matching(text) owner to maintainpro_signin;
revoke create on schema public from maintainpro_signin;
revoke all on function work_orders_matching(text) from public;
grant execute on function work_orders_matching(text) to maintainpro_app;

create table status_event (
    organization_id uuid not null,
    status_event_id uuid not null,
    work_order_id uuid not null,
    to_status text not null,
    from_status text not null,
    superseded boolean not null,
    correction boolean not null,
    reason text,
    author uuid,
    actor bytea not null,
    at timestamptz not null,
    primary key (organization_id, status_event_id)
);
create index status_event_by_work_order on status_event (organization_id, work_order_id);
select protect_tenant_table('status_event');

create table work_order_part (
    organization_id uuid not null,
    work_order_id uuid not null,
    key text not null,
    part uuid,
    storeroom uuid,
    movement uuid,
    number text not null,
    name text not null,
    quantity_thousandths bigint not null,
    unit text not null,
    primary key (organization_id, work_order_id, key)
);
select protect_tenant_table('work_order_part');

-- The next number to give. Server-led: what was given is a fact in the feed.
create table work_order_counter (
    organization_id uuid primary key references organisation (organization_id),
    next_number bigint not null check (next_number >= 1)
);
select protect_tenant_table('work_order_counter');
