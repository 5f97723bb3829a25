-- What every change writes is made cheap. The search vector is computed when its text changes, not with every
-- write of the row. Rows that change often keep room beside them on their page, so that a new version that changes
-- no index stays there. Snapshots lie apart from their document's row, which is written with every change.

alter table work_order alter column search drop expression;

create function work_order_search() returns trigger language plpgsql as $$
begin
    new.search := to_tsvector('pg_catalog.simple', new.search_text);
    return new;
end
$$;
create trigger work_order_search_of_new before insert on work_order
    for each row execute function work_order_search();
create trigger work_order_search_of_changed before update on work_order
    for each row when (old.search_text is distinct from new.search_text) execute function work_order_search();

alter table work_order set (fillfactor = 70);
alter table document set (fillfactor = 70, toast_tuple_target = 256);
alter table document alter column snapshot set storage external;
