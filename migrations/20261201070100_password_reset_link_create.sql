-- Anybody may ask for an email with a link, again and again; that must not take a link away that its owner has in their inbox. So
-- these stand beside each other, a few for each person. Those that whoever administers hands out stay in account_link.
create table password_reset_link (
    organization_id uuid not null,
    token_hash bytea not null check (length(token_hash) = 32),
    person_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (organization_id, token_hash),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
create index password_reset_link_by_person on password_reset_link (organization_id, person_id, created_at);
select protect_tenant_table('password_reset_link');
