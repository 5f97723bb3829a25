-- How the changes of a refused command are numbered: what another Automerge client made is judged as such when it is
-- released.
alter table quarantine add column is_isolated boolean not null default false;
