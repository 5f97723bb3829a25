-- How an organisation shows itself to its people, and the language and time zone of whoever chose none. Devices hear of it with the
-- directory, so its row carries the directory's version that last changed it.

alter table organisation
    add column accent_colour text check (accent_colour ~ '^#[0-9a-f]{6}$'),
    add column default_language text check (default_language in ('en', 'de')),
    add column default_time_zone text check (length(default_time_zone) between 1 and 64),
    add column settings_version bigint not null default 0;

-- Beside the organisation, whose row is read at every look at a session.
create table organisation_logo (
    organization_id uuid primary key references organisation (organization_id),
    media_type text not null check (media_type in ('image/png', 'image/jpeg', 'image/webp')),
    content bytea not null check (length(content) between 1 and 262144),
    content_hash bytea not null check (length(content_hash) = 32),
    width integer not null check (width between 1 and 2048),
    height integer not null check (height between 1 and 2048)
);
select protect_tenant_table('organisation_logo');
