-- As for the feed: commands are written behind the lock of the tenant's row in tenant_feed.

alter table command drop constraint command_organization_id_fkey;
