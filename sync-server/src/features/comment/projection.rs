//! The rows of comments.

use chrono::{DateTime, Utc};
use shared_model::features::comment::Comment;
use shared_model::identity::PersonId;
use shared_model::record::RecordKind;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{
    Batch, Bytes, NewRecord, Table, column_bytes, column_time, projection_rows, records_of, upsert,
};

pub(super) const TABLES: &[Table] = &[CommentRow::TABLE];

projection_rows! {
    /// A remark.
    struct CommentRow in "comment" key [comment_id] of doc_id {
        comment_id: Uuid,
        doc_id: Uuid,
        text: String,
        author: Option<Uuid>,
        actor: Bytes,
        at: DateTime<Utc>,
        received_at: DateTime<Utc>,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let rows: Vec<CommentRow> = records_of(&batch.records, RecordKind::Comment).filter_map(row).collect();
    upsert(connection, batch.organisation, CommentRow::TABLE, &rows).await
}

fn row(new: NewRecord<'_>) -> Option<CommentRow> {
    let comment: Comment = new.record.read()?;
    Some(CommentRow {
        comment_id: new.record.id.as_uuid(),
        doc_id: new.record.document.as_uuid(),
        text: comment.text,
        author: new.record.author.map(PersonId::as_uuid),
        actor: column_bytes(new.record.actor.as_bytes()),
        at: column_time(new.record.at),
        received_at: column_time(new.received_at),
    })
}
