-- What an organisation says about roles: those it made itself, by their id, and rules about built-in ones, by their code.
-- Server-led. Grants name a role by the same text; a role is never deleted, because grants and the audit trail name it.

create table role_definition (
    organization_id uuid not null references organisation (organization_id),
    role text not null,
    name text check (length(name) between 1 and 200),
    description text not null default '',
    permissions text[],
    landing text,
    read_only text[] not null default '{}',
    hides_costs boolean not null default false,
    is_retired boolean not null default false,
    version bigint not null,
    primary key (organization_id, role),
    check ((name is null) = (permissions is null) and (name is null) = (landing is null))
);
create unique index role_definition_name_key on role_definition (organization_id, lower(name));
select protect_tenant_table('role_definition');
