-- Whose tenant a row of the feed is was looked up in the table of organisations for each row, which took a quarter of the
-- time of writing it. Rows are written behind the lock of the tenant's row in tenant_feed, which refers to the
-- organisation itself. This and the next two are apart so that none waits for a push while it keeps another from it.

alter table feed drop constraint feed_organization_id_fkey;
