-- What a device handed over that may not send any more: its commands as they were made, unmerged, until a
-- supervisor takes them over or declines them. Rows stay, with who decided and when.

create table held_command (
    organization_id uuid not null references organisation (organization_id),
    held_command_id uuid not null,
    device_id uuid not null,
    person_id uuid not null,
    command_id uuid not null,
    position bigint not null,
    reason text not null check (reason in ('person_disabled', 'device_revoked')),
    documents uuid[] not null,
    intent bytea not null,
    bytes bytea not null,
    made_at timestamptz not null,
    received_at timestamptz not null,
    decision text check (decision in ('accepted', 'declined')),
    decided_by uuid,
    decided_at timestamptz,
    primary key (organization_id, held_command_id),
    constraint held_command_key unique (organization_id, device_id, command_id),
    foreign key (organization_id, device_id) references device (organization_id, device_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id),
    foreign key (organization_id, decided_by) references person (organization_id, person_id),
    check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null))
);
create index held_command_waiting on held_command (organization_id, received_at, device_id, position)
    where decision is null;
select protect_tenant_table('held_command');
