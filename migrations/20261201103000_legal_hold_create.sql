-- What has to be kept because a court or an authority may ask for it: while a hold stands, nothing that it is about is erased. A hold
-- is about a person, about a document, or about everything. And how long texts of the audit trail are kept otherwise.

create table legal_hold (
    organization_id uuid not null references organisation (organization_id),
    legal_hold_id uuid not null,
    reason text not null check (length(reason) between 1 and 500),
    person_id uuid,
    doc_id uuid,
    placed_by uuid not null,
    placed_at timestamptz not null,
    released_by uuid,
    released_at timestamptz,
    primary key (organization_id, legal_hold_id),
    foreign key (organization_id, person_id) references person (organization_id, person_id),
    foreign key (organization_id, placed_by) references person (organization_id, person_id),
    foreign key (organization_id, released_by) references person (organization_id, person_id),
    check (person_id is null or doc_id is null),
    check ((released_by is null) = (released_at is null))
);
select protect_tenant_table('legal_hold');

alter table organisation
    -- Nothing: for ever.
    add column audit_keep_years integer check (audit_keep_years between 1 and 100);

-- A person whose data were erased, and when. What they did stays theirs, by an id that nobody can lead back to a name.
alter table person add column erased_at timestamptz;
