-- An organisation that is shut out for now: nobody gets in, nothing is lost, and all goes on when it is let in again.
alter table organisation add column suspended_at timestamptz;
