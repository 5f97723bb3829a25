-- What people chose for themselves: language, time zone, and how they are told of what. Where there is no row, nobody chose.

alter table person
    -- Of the app and of emails. Without it emails go by the one that whoever invited them thought right.
    add column chosen_language text check (chosen_language in ('en', 'de')),
    add column time_zone text check (length(time_zone) between 1 and 64),
    -- Minutes after midnight, in their time zone.
    add column quiet_from_minute integer check (quiet_from_minute between 0 and 1439),
    add column quiet_to_minute integer check (quiet_to_minute between 0 and 1439),
    add constraint person_quiet_hours_check
        check ((quiet_from_minute is null) = (quiet_to_minute is null) and quiet_from_minute <> quiet_to_minute);

create table notification_setting (
    organization_id uuid not null,
    person_id uuid not null,
    kind text not null check (kind in
        ('assigned', 'commented', 'due_soon', 'overdue', 'request_answered', 'needs_attention')),
    by_email boolean not null,
    by_push boolean not null,
    primary key (organization_id, person_id, kind),
    foreign key (organization_id, person_id) references person (organization_id, person_id)
);
select protect_tenant_table('notification_setting');
