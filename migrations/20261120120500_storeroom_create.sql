-- Storerooms, vans among them.

create table storeroom (
    organization_id uuid not null,
    storeroom_id uuid not null,
    name text not null,
    code text,
    site uuid,
    location uuid,
    van boolean not null,
    keeper uuid,
    conflicts text[] not null,
    primary key (organization_id, storeroom_id)
);
select protect_tenant_table('storeroom');
