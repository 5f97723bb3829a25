-- The threads of work orders and assets.

create table comment (
    organization_id uuid not null,
    comment_id uuid not null,
    doc_id uuid not null,
    text text not null,
    author uuid,
    actor bytea not null,
    at timestamptz not null,
    received_at timestamptz not null,
    primary key (organization_id, comment_id)
);
create index comment_by_document on comment (organization_id, doc_id);
select protect_tenant_table('comment');
