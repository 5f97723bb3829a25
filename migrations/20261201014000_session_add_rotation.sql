-- The token of a session changes now and then, so that one that was copied shows itself. A session from before, and one that a
-- server of the version before opens, has a token without predecessor.

alter table session
    -- When somebody first showed that they have the token; nothing: it was given out, and the answer may be lost.
    add column token_used_at timestamptz,
    -- The token before, which stays good until then and a little longer.
    add column predecessor_hash bytea check (length(predecessor_hash) = 32),
    -- What, with the token before, makes the token once more; gone once the token before is good for nothing.
    add column token_salt bytea check (length(token_salt) = 32),
    -- A superseded token was used and ended this session. It is kept for a while, so that its people hear why.
    add column replayed_at timestamptz;

-- Every token that a session had. Whoever comes with one of them holds a copy.
create table past_session_token (
    organization_id uuid not null,
    token_hash bytea not null check (length(token_hash) = 32),
    session_id uuid not null,
    primary key (organization_id, token_hash),
    foreign key (organization_id, session_id) references session (organization_id, session_id)
        on delete cascade
);
create index past_session_token_by_session on past_session_token (organization_id, session_id);
select protect_tenant_table('past_session_token');
