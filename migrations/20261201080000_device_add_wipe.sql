-- A lost device erases itself at its next contact: who waits for that, and what came of it. And an organisation can ask for
-- devices that lock themselves.

alter table device
    add column wipe_asked_at timestamptz,
    add column wiped_at timestamptz,
    add column handed_in integer not null default 0 check (handed_in >= 0);

alter table organisation
    add column device_lock_idle_minutes integer check (device_lock_idle_minutes between 1 and 240);

-- What a device hands in before it erases itself waits for a decision, when nobody is signed in on it.
alter table held_command drop constraint held_command_reason_check;
alter table held_command add constraint held_command_reason_check
    check (reason in ('person_disabled', 'device_revoked', 'device_wiped'));
