-- How people prove who they are. An identity is what an issuer knows them by (our own issuer is `password`,
-- its subject the e-mail); the same one may exist in several organisations, and then the person chooses.

create table identity (
    organization_id uuid not null,
    issuer text not null,
    subject text not null,
    person_id uuid not null,
    primary key (organization_id, issuer, subject),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
create index identity_by_subject on identity (issuer, subject);
create index identity_by_person on identity (organization_id, person_id);
select protect_tenant_table('identity');

create table credential (
    organization_id uuid not null,
    person_id uuid not null,
    password_hash text not null check (password_hash like '$argon2id$%'),
    changed_at timestamptz not null,
    primary key (organization_id, person_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
select protect_tenant_table('credential');

-- Counts wrong passwords per account, known or not, over all nodes. No tenant is known yet, and the e-mail
-- itself is not kept: the key is its SHA-256.
create table sign_in_throttle (
    account_hash bytea primary key check (length(account_hash) = 32),
    attempts integer not null,
    last_attempt_at timestamptz not null,
    blocked_until timestamptz not null
);
create index sign_in_throttle_by_age on sign_in_throttle (last_attempt_at);

grant select (organization_id, person_id, active) on person to maintainpro_signin;
grant select (organization_id, issuer, subject, person_id) on identity to maintainpro_signin;
grant select (organization_id, person_id, password_hash) on credential to maintainpro_signin;
create policy sign_in on person for select to maintainpro_signin using (true);
create policy sign_in on identity for select to maintainpro_signin using (true);
create policy sign_in on credential for select to maintainpro_signin using (true);

-- The limit bounds the passwords one request can make the server hash.
create function sign_in_candidates(wanted_email text, wanted_slug text)
    returns table (organization_id uuid, slug text, name text, person_id uuid, password_hash text)
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select organisation.organization_id, organisation.slug, organisation.name, person.person_id,
           credential.password_hash
    from identity
    join person on person.organization_id = identity.organization_id
               and person.person_id = identity.person_id
    join credential on credential.organization_id = identity.organization_id
                   and credential.person_id = identity.person_id
    join organisation on organisation.organization_id = identity.organization_id
    where identity.issuer = 'password'
      and identity.subject = wanted_email
      and person.active
      and (wanted_slug is null or organisation.slug = wanted_slug)
    order by organisation.slug
    limit 8
$$;

grant create on schema public to maintainpro_signin;
alter function sign_in_candidates(text, text) owner to maintainpro_signin;
revoke create on schema public from maintainpro_signin;
revoke all on function sign_in_candidates(text, text) from public;
grant execute on function sign_in_candidates(text, text) to maintainpro_app;
