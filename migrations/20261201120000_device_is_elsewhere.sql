-- An install belongs to one person of one organisation: its id, its cookie and its database are theirs alone, also where the same browser
-- signs in to another organisation. Whether there is one elsewhere is all that is told.

create index device_by_id on device (device_id);
grant select (organization_id, device_id) on device to maintainpro_signin;
create policy sign_in on device for select to maintainpro_signin using (true);

create function device_is_elsewhere(wanted uuid, own uuid) returns boolean
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select exists (select from device where device_id = wanted and organization_id <> own)
$$;

grant create on schema public to maintainpro_signin;
alter function device_is_elsewhere(uuid, uuid) owner to maintainpro_signin;
revoke create on schema public from maintainpro_signin;
revoke all on function device_is_elsewhere(uuid, uuid) from public;
grant execute on function device_is_elsewhere(uuid, uuid) to maintainpro_app;
