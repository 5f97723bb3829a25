-- What was asked for: accepted commands by id, so that pushing one again is harmless, with their intent for
-- the audit; and what could not be accepted, with its bytes, so that nothing typed by a person is lost.

create table command (
    organization_id uuid not null references organisation (organization_id),
    command_id uuid not null,
    author uuid,
    device_id uuid,
    seqs bigint[] not null,
    intent bytea not null,
    received_at timestamptz not null,
    primary key (organization_id, command_id)
);
select protect_tenant_table('command');

create table quarantine (
    organization_id uuid not null references organisation (organization_id),
    quarantine_id uuid not null,
    command_id uuid not null,
    author uuid,
    device_id uuid,
    code text not null,
    detail text not null,
    bytes bytea not null,
    attempts integer not null,
    received_at timestamptz not null,
    primary key (organization_id, quarantine_id),
    constraint quarantine_command_key unique (organization_id, command_id)
);
select protect_tenant_table('quarantine');
