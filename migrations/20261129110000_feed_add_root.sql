-- A new root takes the place of a document's past: a row of the feed that holds the whole present value as one change,
-- while the rows before it are blanked. What was blanked takes no sequence number of its actor any more.

alter table feed drop constraint feed_item_kind_check;
alter table feed add constraint feed_item_kind_check
    check (item_kind in ('change', 'record', 'deletion', 'restoration', 'root'));

drop index feed_actor_seq_key;
create unique index feed_actor_seq_key on feed (organization_id, doc_id, actor, actor_seq)
    where item_kind in ('change', 'root') and payload <> '';
