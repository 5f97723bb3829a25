-- The words of a work order lie apart from its row. A row is written with nearly every change, its words with few;
-- together, each new version of a row brought all its words into the index again, which cost more than everything
-- else about it.

create table work_order_words (
    organization_id uuid not null,
    work_order_id uuid not null,
    words tsvector not null,
    primary key (organization_id, work_order_id)
);

alter table work_order no force row level security;
insert into work_order_words select organization_id, work_order_id, search from work_order;
alter table work_order force row level security;
create index work_order_words_by_word on work_order_words using gin (words);
select protect_tenant_table('work_order_words');

create function work_order_words_follow() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from work_order_words
        where organization_id = old.organization_id and work_order_id = old.work_order_id;
    else
        insert into work_order_words (organization_id, work_order_id, words)
        values (new.organization_id, new.work_order_id, to_tsvector('pg_catalog.simple', new.search_text))
        on conflict (organization_id, work_order_id) do update set words = excluded.words;
    end if;
    return null;
end
$$;
create trigger work_order_words_of_new after insert or delete on work_order
    for each row execute function work_order_words_follow();
create trigger work_order_words_of_changed after update on work_order
    for each row when (old.search_text is distinct from new.search_text)
    execute function work_order_words_follow();

-- As before, matching ids are looked up under a role that sees every row, for the tenant of the transaction alone.
grant select on work_order_words to maintainpro_signin;
create policy search on work_order_words for select to maintainpro_signin using (true);
create or replace function work_orders_matching(query text)
    returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
as $$
    select work_order_words.work_order_id
    from work_order_words
    where work_order_words.organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
      and work_order_words.words @@ to_tsquery('simple', query)
$$;

drop trigger work_order_search_of_new on work_order;
drop trigger work_order_search_of_changed on work_order;
drop function work_order_search();
drop policy search on work_order;
revoke select (organization_id, work_order_id) on work_order from maintainpro_signin;
alter table work_order drop column search;
