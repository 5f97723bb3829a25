-- What an hour of work at a site costs from a moment on: read only by people who may see costs.

create table labour_rate (
    organization_id uuid not null,
    labour_rate_id uuid not null,
    site_id uuid not null,
    person uuid,
    minor bigint not null,
    currency text not null,
    valid_from timestamptz not null,
    author uuid,
    actor bytea not null,
    at timestamptz not null,
    primary key (organization_id, labour_rate_id)
);
create index labour_rate_by_site on labour_rate (organization_id, site_id, valid_from);
select protect_tenant_table('labour_rate');
