//! What must stand in the end, worked out from what the writers did alone, and what the tables say.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::features::work_order::{self, FieldEdit};
use shared_model::features::{Command, comment, labour_entry, stock_movement};
use sqlx::PgConnection;
use uuid::Uuid;

use super::work::Deed;

/// Every single thing, so that a sum cannot hide a loss.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    pub tags: BTreeSet<String>,
    pub lines: BTreeSet<String>,
    pub comments: BTreeMap<Uuid, String>,
    /// Whose hours, how many minutes, and what was done.
    pub labour: BTreeMap<Uuid, (Uuid, i64, Option<String>)>,
    /// Part, storeroom, movement and thousandths by the key of the line.
    pub parts: BTreeMap<String, (Uuid, Uuid, Uuid, i64)>,
    /// Storeroom, part and thousandths.
    pub movements: BTreeMap<Uuid, (Uuid, Uuid, i64)>,
    pub balances: BTreeMap<(Uuid, Uuid), i64>,
}

impl Ledger {
    /// What these commands and deeds leave behind.
    pub fn of<'a>(furnished: &[Command], deeds: impl Iterator<Item = &'a Deed>) -> Self {
        let mut ledger = Self::default();
        furnished.iter().for_each(|command| ledger.keep(command));
        for deed in deeds {
            match deed {
                Deed::Give(command) => ledger.keep(command),
                Deed::Write(line) => _ = ledger.lines.insert(line.clone()),
            }
        }
        for (room, part, thousandths) in ledger.movements.values() {
            *ledger.balances.entry((*room, *part)).or_default() += thousandths;
        }
        ledger
    }

    fn keep(&mut self, command: &Command) {
        match command {
            Command::WorkOrder(work_order::Command::Edit { edits, .. }) => {
                for edit in edits {
                    let FieldEdit::AddTag(tag) = edit else { panic!("{edit:?} is not kept") };
                    self.tags.insert(tag.clone());
                }
            }
            Command::WorkOrder(work_order::Command::UsePart { part, .. }) => {
                let [catalogue, room] = [part.part, part.storeroom].map(|id| id.unwrap().as_uuid());
                let movement = part.movement.unwrap().as_uuid();
                let thousandths = part.quantity.thousandths();
                self.parts.insert(part.key.clone(), (catalogue, room, movement, thousandths));
                self.movements.insert(movement, (room, catalogue, -thousandths));
            }
            Command::Comment(comment::Command::Add { id, text, .. }) => {
                self.comments.insert(id.as_uuid(), text.clone());
            }
            Command::LabourEntry(labour_entry::Command::Add { id, entry, .. }) => {
                let row = (entry.person.as_uuid(), entry.minutes, entry.note.clone());
                self.labour.insert(id.as_uuid(), row);
            }
            Command::StockMovement(command) => self.moved(command),
            // Answers follow each other and are looked at by themselves; the rest is furniture.
            Command::WorkOrder(work_order::Command::Answer { .. } | work_order::Command::Create(_))
            | Command::Part(_)
            | Command::Storeroom(_) => {}
            other => panic!("nobody does {other:?}"),
        }
    }

    fn moved(&mut self, command: &stock_movement::Command) {
        use stock_movement::Command::{Issue, Receive, Transfer};
        let legs = match command {
            Receive(way) => vec![(way.id, way.storeroom, way.part, way.quantity.thousandths())],
            Issue(way) => vec![(way.id, way.storeroom, way.part, -way.quantity.thousandths())],
            Transfer { out, into, from, to, part, quantity, .. } => {
                let thousandths = quantity.thousandths();
                vec![(*out, *from, *part, -thousandths), (*into, *to, *part, thousandths)]
            }
            other => panic!("nobody does {other:?}"),
        };
        let rows = legs.into_iter().map(|(id, room, part, thousandths)| {
            (id.as_uuid(), (room.as_uuid(), part.as_uuid(), thousandths))
        });
        self.movements.extend(rows);
    }

    /// What the tables say.
    pub async fn stored(database: &mut PgConnection) -> Self {
        let (tags, description, resolution): (Vec<String>, String, String) =
            sqlx::query_as("select tags, description, resolution from work_order")
                .fetch_one(&mut *database)
                .await
                .unwrap();
        let written: Vec<&str> = description.lines().chain(resolution.lines()).collect();
        let lines: BTreeSet<String> = written.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(written.len(), lines.len(), "a line stands there twice");
        let comments: Vec<(Uuid, String)> =
            sqlx::query_as("select comment_id, text from comment").fetch_all(&mut *database).await.unwrap();
        let labour: Vec<(Uuid, Uuid, i64, Option<String>)> =
            sqlx::query_as("select labour_entry_id, person, minutes, note from labour_entry")
                .fetch_all(&mut *database)
                .await
                .unwrap();
        let parts: Vec<(String, Uuid, Uuid, Uuid, i64)> = sqlx::query_as(
            "select key, part, storeroom, movement, quantity_thousandths from work_order_part",
        )
        .fetch_all(&mut *database)
        .await
        .unwrap();
        let movements: Vec<(Uuid, Uuid, Uuid, i64)> = sqlx::query_as(
            "select stock_movement_id, storeroom_id, part_id, quantity_thousandths from stock_movement",
        )
        .fetch_all(&mut *database)
        .await
        .unwrap();
        let balances: Vec<(Uuid, Uuid, i64)> =
            sqlx::query_as("select storeroom_id, part_id, quantity_thousandths from stock_balance")
                .fetch_all(&mut *database)
                .await
                .unwrap();
        Self {
            tags: tags.into_iter().collect(),
            lines,
            comments: comments.into_iter().collect(),
            labour: labour.into_iter().map(|(id, who, minutes, note)| (id, (who, minutes, note))).collect(),
            parts: parts.into_iter().map(|(key, part, room, way, n)| (key, (part, room, way, n))).collect(),
            movements: movements.into_iter().map(|(id, room, part, n)| (id, (room, part, n))).collect(),
            balances: balances.into_iter().map(|(room, part, n)| ((room, part), n)).collect(),
        }
    }
}
