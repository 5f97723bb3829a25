-- The row of every document as devices keep it, so that a first load sends them without opening a document.
-- Derived like any projection. A document without one gets it when somebody loads.

create table document_row (
    organization_id uuid not null,
    document_id uuid not null,
    row_version integer not null,
    is_open boolean not null,
    row text not null,
    primary key (organization_id, document_id)
);
select protect_tenant_table('document_row');
