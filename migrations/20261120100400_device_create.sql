-- Installs of the app and the sessions on them. Secrets are kept as SHA-256 only; every token names its
-- organisation in front, so that the tenant is known before the secret is looked up.

create table device (
    organization_id uuid not null,
    device_id uuid not null,
    person_id uuid not null,
    name text not null check (length(name) between 1 and 200),
    deposit_credential_hash bytea check (length(deposit_credential_hash) = 32),
    directory_version bigint not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    revoked_at timestamptz,
    primary key (organization_id, device_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
create index device_by_person on device (organization_id, person_id);
create index device_by_directory_version on device (organization_id, directory_version);
select protect_tenant_table('device');

create table session (
    organization_id uuid not null,
    session_id uuid not null,
    token_hash bytea not null check (length(token_hash) = 32),
    person_id uuid not null,
    device_id uuid not null,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    absolute_expires_at timestamptz not null,
    primary key (organization_id, session_id),
    constraint session_token_key unique (organization_id, token_hash),
    foreign key (organization_id, person_id) references person (organization_id, person_id),
    foreign key (organization_id, device_id) references device (organization_id, device_id)
);
create index session_by_expiry on session (organization_id, expires_at);
select protect_tenant_table('session');

create table socket_ticket (
    organization_id uuid not null,
    ticket_hash bytea not null check (length(ticket_hash) = 32),
    session_id uuid not null,
    expires_at timestamptz not null,
    primary key (organization_id, ticket_hash),
    foreign key (organization_id, session_id) references session (organization_id, session_id)
        on delete cascade
);
create index socket_ticket_by_session on socket_ticket (organization_id, session_id);
select protect_tenant_table('socket_ticket');
