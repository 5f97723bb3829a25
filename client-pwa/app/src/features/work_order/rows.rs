//! The rows of work orders among all rows.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::features::work_order::WorkOrderSummary;
use yew::prelude::*;

use crate::row_store::{Entry, Table, use_rows};

/// The work order of an entry.
pub fn order(entry: &Entry) -> Option<&WorkOrderSummary> {
    match &entry.row {
        Row::WorkOrder(order) => Some(order),
        Row::Asset(_) | Row::Location(_) | Row::Part(_) | Row::Storeroom(_) | Row::ChecklistTemplate(_) => {
            None
        }
    }
}

/// Every work order of a table, with its entry.
pub fn orders(table: &Table) -> impl Iterator<Item = (&Rc<Entry>, &WorkOrderSummary)> {
    table.iter().filter_map(|entry| order(entry).map(|order| (entry, order)))
}

/// All work orders on this device, and a new frame whenever one changes.
#[hook]
pub fn use_orders() -> Rc<Table> {
    use_rows(DocumentKind::WorkOrder)
}
