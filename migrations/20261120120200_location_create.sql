-- The location tree. The parent is a plain column: two branches moved under each other at the same time make
-- a circle that is shown, not refused.

create table location (
    organization_id uuid not null,
    location_id uuid not null,
    name text not null,
    code text,
    parent uuid,
    site uuid,
    conflicts text[] not null,
    updated_at timestamptz not null,
    primary key (organization_id, location_id)
);
create index location_by_parent on location (organization_id, parent);
select protect_tenant_table('location');
