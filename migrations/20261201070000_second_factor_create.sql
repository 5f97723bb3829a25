-- What shows, beside the password, who somebody is. Secrets of authenticator apps are sealed with a key of the data folder, because
-- codes are made of them; of recovery codes a hash is enough, and of passkeys only the public half is here.

create table authenticator_app (
    organization_id uuid not null,
    person_id uuid not null,
    sealed_secret bytea not null,
    -- The time step of the last code that was taken: that one and those before are not taken any more.
    last_step bigint not null,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    primary key (organization_id, person_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
select protect_tenant_table('authenticator_app');

create table recovery_code (
    organization_id uuid not null,
    person_id uuid not null,
    code_hash bytea not null check (length(code_hash) = 32),
    used_at timestamptz,
    primary key (organization_id, person_id, code_hash),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
select protect_tenant_table('recovery_code');

create table passkey (
    organization_id uuid not null,
    passkey_id uuid not null,
    person_id uuid not null,
    name text not null check (length(name) between 1 and 100),
    credential_id bytea not null,
    -- As the library keeps it: the public key, the counter, whether it is backed up.
    credential jsonb not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    primary key (organization_id, passkey_id),
    constraint passkey_credential_key unique (organization_id, credential_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
create index passkey_by_person on passkey (organization_id, person_id);
select protect_tenant_table('passkey');

-- Challenges and pending sign-ins are sealed and in the hands of clients; what is here was used and is good for nothing any more.
create table spent_challenge (
    organization_id uuid not null references organisation (organization_id),
    challenge_id uuid not null,
    expires_at timestamptz not null,
    primary key (organization_id, challenge_id)
);
create index spent_challenge_by_expiry on spent_challenge (organization_id, expires_at);
select protect_tenant_table('spent_challenge');

-- What an organisation asks of its people; without a row, nothing.
create table security_rule (
    organization_id uuid primary key references organisation (organization_id),
    second_factor_required_for text not null
        check (second_factor_required_for in ('nobody', 'administrators', 'everybody'))
);
select protect_tenant_table('security_rule');

alter table session
    -- When the person last showed who they are; nothing in sessions of the version before.
    add column proven_at timestamptz,
    -- A second factor is asked for and there is none: until there is, the session is good for nothing else.
    add column awaits_factor boolean not null default false;
