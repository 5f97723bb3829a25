-- That a document was deleted, or brought back, is a row of the feed like any change: devices follow it, and a rebuild
-- knows what there is.

alter table feed drop constraint feed_item_kind_check;
alter table feed add constraint feed_item_kind_check
    check (item_kind in ('change', 'record', 'deletion', 'restoration'));
