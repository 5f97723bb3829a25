-- Answers to checklist steps, and the catalogue of checklist templates.

create table checklist_answer (
    organization_id uuid not null,
    work_order_id uuid not null,
    checklist text not null,
    step text not null,
    checklist_title text not null,
    label text not null,
    field_type text not null,
    answer text,
    remark text,
    failed boolean not null,
    primary key (organization_id, work_order_id, checklist, step)
);
select protect_tenant_table('checklist_answer');

create table checklist_template (
    organization_id uuid not null,
    checklist_template_id uuid not null,
    title text not null,
    category text,
    published_version bigint,
    steps integer not null,
    retired boolean not null,
    conflicts text[] not null,
    updated_at timestamptz not null,
    primary key (organization_id, checklist_template_id)
);
select protect_tenant_table('checklist_template');
