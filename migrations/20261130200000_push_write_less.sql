-- What every push wrote and nobody needed. Whose tenant a row of the feed or a command is was looked up in the table
-- of organisations for each of them, which took a quarter of the time of writing a row of the feed: both are written
-- behind the lock of the tenant's row in tenant_feed, which refers to the organisation itself. And no question of the
-- application ever came to two indexes of work orders, of which one moved with every change of a date.

alter table feed drop constraint feed_organization_id_fkey;
alter table command drop constraint command_organization_id_fkey;
drop index work_order_by_due;
drop index work_order_by_external;
