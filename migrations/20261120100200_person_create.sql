-- People, their teams and what they may do. Server-led: devices get a read-only copy as the directory,
-- whose rows carry the directory version that last changed them.

create table person (
    organization_id uuid not null references organisation (organization_id),
    person_id uuid not null,
    email text not null check (email = lower(email) and length(email) between 3 and 254),
    display_name text not null check (length(display_name) between 1 and 200),
    active boolean not null default true,
    directory_version bigint not null,
    created_at timestamptz not null,
    primary key (organization_id, person_id),
    constraint person_email_key unique (organization_id, email)
);
create index person_by_directory_version on person (organization_id, directory_version);
select protect_tenant_table('person');

create table team (
    organization_id uuid not null references organisation (organization_id),
    team_id uuid not null,
    name text not null check (length(name) between 1 and 200),
    directory_version bigint not null,
    created_at timestamptz not null,
    primary key (organization_id, team_id),
    constraint team_name_key unique (organization_id, name)
);
create index team_by_directory_version on team (organization_id, directory_version);
select protect_tenant_table('team');

create table team_member (
    organization_id uuid not null,
    team_id uuid not null,
    person_id uuid not null,
    primary key (organization_id, team_id, person_id),
    foreign key (organization_id, team_id) references team (organization_id, team_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
create index team_member_by_person on team_member (organization_id, person_id);
select protect_tenant_table('team_member');

create table person_grant (
    organization_id uuid not null,
    person_grant_id uuid not null,
    person_id uuid not null,
    role text not null,
    limit_kind text not null check (limit_kind in ('organisation', 'site', 'team', 'own')),
    limit_id uuid,
    primary key (organization_id, person_grant_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id),
    check ((limit_id is not null) = (limit_kind in ('site', 'team')))
);
create index person_grant_by_person on person_grant (organization_id, person_id);
select protect_tenant_table('person_grant');
