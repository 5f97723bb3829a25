-- The asset tree. Tags are meant to be unique, but a duplicate typed offline is a fact: it is listed as an
-- anomaly, not refused, so the index is a plain one.

create table asset (
    organization_id uuid not null,
    asset_id uuid not null,
    tag text not null,
    name text not null,
    description text not null,
    asset_type text,
    level text not null,
    parent uuid,
    site uuid,
    location uuid,
    serial text,
    manufacturer text,
    model text,
    criticality text,
    status text not null,
    code text,
    external text,
    conflicts text[] not null,
    updated_at timestamptz not null,
    scopes text[] not null,
    search_text text not null,
    search tsvector generated always as (to_tsvector('simple', search_text)) stored,
    primary key (organization_id, asset_id)
);
create index asset_by_tag on asset (organization_id, lower(tag));
create index asset_by_parent on asset (organization_id, parent);
create index asset_by_external on asset (organization_id, external) where external is not null;
create index asset_by_search on asset using gin (search);
select protect_tenant_table('asset');
