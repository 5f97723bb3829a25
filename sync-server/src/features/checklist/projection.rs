//! The rows of checklists.

use chrono::{DateTime, Utc};
use shared_model::features::View;
use shared_model::features::checklist::{Answer, ChecklistSummary, StepField};
use shared_model::features::work_order::ChecklistExecution;
use shared_model::identity::DocumentId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{Batch, Table, column_time, projection_rows, replace, upsert};

pub(super) const TABLES: &[Table] = &[AnswerRow::TABLE, TemplateRow::TABLE];

projection_rows! {
    /// An answer or a remark to a step.
    struct AnswerRow in "checklist_answer" key [work_order_id, checklist, step] of work_order_id {
        work_order_id: Uuid,
        checklist: String,
        step: String,
        checklist_title: String,
        label: String,
        field_type: &'static str,
        answer: Option<String>,
        remark: Option<String>,
        failed: bool,
    }
    /// A checklist template.
    struct TemplateRow in "checklist_template" key [checklist_template_id] of checklist_template_id {
        checklist_template_id: Uuid,
        title: String,
        category: Option<String>,
        published_version: Option<i64>,
        steps: i32,
        retired: bool,
        conflicts: Vec<String>,
        updated_at: DateTime<Utc>,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let answers = batch.documents.iter().filter_map(|document| {
        let View::WorkOrder(order) = document.view else { return None };
        let rows = order.checklists.iter().flat_map(|list| answer_rows(order.id, list));
        Some((order.id, rows.collect()))
    });
    let answers: Vec<(DocumentId, Vec<AnswerRow>)> = answers.collect();
    let templates = batch.documents.iter().filter_map(|document| {
        let View::ChecklistTemplate(template) = document.view else { return None };
        let template = ChecklistSummary::of(template);
        Some(TemplateRow {
            checklist_template_id: template.id.as_uuid(),
            title: template.title,
            category: template.category,
            published_version: template.published,
            steps: i32::try_from(template.steps).unwrap_or(i32::MAX),
            retired: template.retired,
            conflicts: template.conflicts,
            updated_at: column_time(template.updated_at),
        })
    });
    let templates: Vec<TemplateRow> = templates.collect();
    replace(connection, batch, AnswerRow::TABLE, &answers).await?;
    upsert(connection, batch.organisation, TemplateRow::TABLE, &templates).await
}

fn answer_rows(order: DocumentId, list: &ChecklistExecution) -> impl Iterator<Item = AnswerRow> + '_ {
    list.steps.iter().filter_map(move |step| {
        let (answer, remark) = (list.answers.get(&step.key), list.remarks.get(&step.key));
        if answer.is_none() && remark.is_none() {
            return None;
        }
        let failed = answer
            .and_then(|text| Answer::parse(&step.field, text))
            .is_some_and(|answer| answer.is_failure(&step.field));
        Some(AnswerRow {
            work_order_id: order.as_uuid(),
            checklist: list.key.clone(),
            step: step.key.clone(),
            checklist_title: list.title.clone(),
            label: step.label.clone(),
            field_type: type_code(&step.field),
            answer: answer.cloned(),
            remark: remark.cloned(),
            failed,
        })
    })
}

const fn type_code(field: &StepField) -> &'static str {
    match field {
        StepField::Check => "check",
        StepField::PassFail => "pass_fail",
        StepField::Number { .. } => "number",
        StepField::Text => "text",
        StepField::Choice { .. } => "choice",
        StepField::MeterReading { .. } => "meter_reading",
        StepField::DateTime => "date_time",
        StepField::Section => "section",
        StepField::Instruction => "instruction",
    }
}
