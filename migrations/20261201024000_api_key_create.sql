-- Keys of programs. A key acts for the person who made it, and as an install of theirs, so that what it writes has an author. Its
-- secret is kept as SHA-256 only.

create table api_key (
    organization_id uuid not null,
    api_key_id uuid not null,
    token_hash bytea not null check (length(token_hash) = 32),
    person_id uuid not null,
    permissions text[] not null check (cardinality(permissions) > 0),
    limit_kind text not null check (limit_kind in ('organisation', 'site', 'team')),
    limit_id uuid,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    primary key (organization_id, api_key_id),
    constraint api_key_token_key unique (organization_id, token_hash),
    -- The install that the key is.
    foreign key (organization_id, api_key_id) references device (organization_id, device_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id),
    check ((limit_id is not null) = (limit_kind in ('site', 'team')))
);
create index api_key_by_person on api_key (organization_id, person_id);
select protect_tenant_table('api_key');
