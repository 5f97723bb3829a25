-- The directory devices copy: one version per organisation, bumped in the transaction that changes a person,
-- a team or an actor, so that a device asks for what is newer than its own version and misses nothing.

create table directory_version (
    organization_id uuid primary key references organisation (organization_id),
    version bigint not null
);
select protect_tenant_table('directory_version');

-- Who wrote under an Automerge actor. Bound at first use, for ever; the server's own actors name nobody.
create table actor (
    organization_id uuid not null references organisation (organization_id),
    actor_id bytea not null check (length(actor_id) = 16),
    person_id uuid,
    device_id uuid,
    directory_version bigint not null,
    first_seen timestamptz not null,
    primary key (organization_id, actor_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id),
    foreign key (organization_id, device_id) references device (organization_id, device_id),
    check ((person_id is null) = (device_id is null))
);
create index actor_by_directory_version on actor (organization_id, directory_version);
select protect_tenant_table('actor');
