-- The catalogue of parts. Prices are not here: who may not see costs may still see parts.

create table part (
    organization_id uuid not null,
    part_id uuid not null,
    number text not null,
    name text not null,
    description text not null,
    category text,
    unit text not null,
    barcode text,
    manufacturer text,
    conflicts text[] not null,
    updated_at timestamptz not null,
    scopes text[] not null,
    search_text text not null,
    search tsvector generated always as (to_tsvector('simple', search_text)) stored,
    primary key (organization_id, part_id)
);
create index part_by_number on part (organization_id, lower(number));
create index part_by_search on part using gin (search);
select protect_tenant_table('part');
