-- Lists within scopes get an index. Row-level security asks no index whether two arrays overlap, so whoever sees some
-- scopes only, or asks for a person's work, had everybody's work read from its newest end until a page was full.
-- Here each scope of a work order is a row, by status, newest last. A trigger keeps them, whichever version of the server
-- writes the work order.

create table work_order_scope (
    organization_id uuid not null,
    scope text not null,
    status text not null,
    work_order_id uuid not null,
    primary key (organization_id, scope, status, work_order_id)
);

alter table work_order no force row level security;
insert into work_order_scope
select distinct organization_id, scope, status, work_order_id
from work_order cross join unnest(scopes) as scope
order by 1, 2, 3, 4;
alter table work_order force row level security;
select protect_tenant_table('work_order_scope');

create function work_order_scope_follow() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        delete from work_order_scope
        where organization_id = old.organization_id and scope = any (old.scopes) and status = old.status
            and work_order_id = old.work_order_id
            and (tg_op = 'DELETE' or status <> new.status or scope <> all (new.scopes));
    end if;
    if tg_op <> 'DELETE' then
        insert into work_order_scope (organization_id, scope, status, work_order_id)
        select new.organization_id, scope, new.status, new.work_order_id from unnest(new.scopes) as scope
        on conflict do nothing;
    end if;
    return null;
end
$$;
create trigger work_order_scope_of_new after insert or delete on work_order
    for each row execute function work_order_scope_follow();
create trigger work_order_scope_of_changed after update on work_order
    for each row when (old.scopes is distinct from new.scopes or old.status is distinct from new.status)
    execute function work_order_scope_follow();

-- No question of the application ever came to this one.
drop index work_order_by_scope;
