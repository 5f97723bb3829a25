-- Links that let somebody choose a password, and the emails that bring them.

alter table person add column language text not null default 'en'
    constraint person_language_check check (language in ('en', 'de'));

-- One link of a purpose at a time: a newer one takes the place of the older, and using one takes it away.
create table account_link (
    organization_id uuid not null,
    person_id uuid not null,
    purpose text not null check (purpose in ('invitation', 'password_reset')),
    token_hash bytea not null check (length(token_hash) = 32),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (organization_id, person_id, purpose),
    constraint account_link_token_key unique (organization_id, token_hash),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
select protect_tenant_table('account_link');

-- Emails that wait to be sent. Neither text nor secret stands here: an email and its link are made when it goes out, so that
-- whoever reads the database, or a copy of it, can open no account. One of a kind for each person, however often it is asked for.
create table outgoing_email (
    organization_id uuid not null,
    person_id uuid not null,
    kind text not null check (kind in ('invitation', 'password_reset', 'password_changed')),
    created_at timestamptz not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    problem text,
    primary key (organization_id, person_id, kind),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
create index outgoing_email_by_next_attempt on outgoing_email (next_attempt_at);
select protect_tenant_table('outgoing_email');

-- Emails of all organisations go out in turn; whose they are is all that is told without a tenant.
grant select (organization_id, next_attempt_at) on outgoing_email to maintainpro_signin;
create policy sign_in on outgoing_email for select to maintainpro_signin using (true);

create function emails_due(due_at timestamptz)
    returns table (organization_id uuid)
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select outgoing_email.organization_id from outgoing_email where next_attempt_at <= due_at
    group by outgoing_email.organization_id order by min(next_attempt_at) limit 100
$$;

-- To which accounts of an address a new password may be sent.
create function password_reset_candidates(wanted_email text)
    returns table (organization_id uuid, person_id uuid)
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select identity.organization_id, identity.person_id
    from identity
    join person on person.organization_id = identity.organization_id
               and person.person_id = identity.person_id
    where identity.issuer = 'password' and identity.subject = wanted_email and person.active
    order by identity.organization_id
    limit 8
$$;

grant create on schema public to maintainpro_signin;
alter function emails_due(timestamptz) owner to maintainpro_signin;
alter function password_reset_candidates(text) owner to maintainpro_signin;
revoke create on schema public from maintainpro_signin;
revoke all on function emails_due(timestamptz) from public;
revoke all on function password_reset_candidates(text) from public;
grant execute on function emails_due(timestamptz) to maintainpro_app;
grant execute on function password_reset_candidates(text) to maintainpro_app;
