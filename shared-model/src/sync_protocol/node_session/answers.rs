//! What the node read, on its way to the device.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{NodeSession, send};
use crate::identity::DocumentId;
use crate::instant::Timestamp;
use crate::sync_protocol::{
    Cursor, FeedRows, NodeEffect, ServerFrame, Snapshot, StoredDocument, visible_snapshot,
};

/// A frame of fetched documents is sent when it has about so many bytes.
const FRAME_BYTES: usize = 512 * 1024;

impl NodeSession {
    pub(super) fn feed_read(
        &mut self,
        now: Timestamp,
        after: u64,
        rows: Arc<FeedRows>,
        out: &mut Vec<NodeEffect>,
    ) {
        let Some(feed) = &mut self.feed else { return };
        let entering = feed.rows_read(after, rows, &self.peer.grants);
        if entering.is_empty() {
            feed.pass_on(now, (&BTreeMap::new(), None), &self.peer.grants, out);
        } else {
            let request = self.request();
            self.enters_under_way = Some(request);
            out.push(NodeEffect::ReadDocuments { request, documents: entering });
        }
    }

    pub(super) fn snapshots_read(
        &mut self,
        at: Cursor,
        documents: Vec<StoredDocument>,
        through: Option<DocumentId>,
        out: &mut Vec<NodeEffect>,
    ) {
        if !std::mem::replace(&mut self.page_under_way, false) {
            return;
        }
        let items = documents.into_iter().filter_map(|stored| visible_snapshot(stored, &self.peer.grants));
        out.push(send(&ServerFrame::Snapshots { at, items: items.collect(), through, asked: Vec::new() }));
    }

    pub(super) fn documents_read(
        &mut self,
        now: Timestamp,
        request: u64,
        at: &Cursor,
        documents: Vec<StoredDocument>,
        out: &mut Vec<NodeEffect>,
    ) {
        let snapshots: BTreeMap<DocumentId, Snapshot> = documents
            .into_iter()
            .filter_map(|stored| visible_snapshot(stored, &self.peer.grants))
            .map(|snapshot| (snapshot.document, snapshot))
            .collect();
        if self.enters_under_way == Some(request) {
            self.enters_under_way = None;
            if let Some(feed) = &mut self.feed {
                feed.pass_on(now, (&snapshots, Some(at)), &self.peer.grants, out);
            }
        } else if let Some((_, asked)) = self.fetch_under_way.take_if(|(id, _)| *id == request) {
            fetched(at, asked, snapshots, out);
        }
    }

    pub(super) fn directory_read(&mut self, version: u64, changes: Vec<u8>, out: &mut Vec<NodeEffect>) {
        if self.directory.arrived(version) {
            let grants = serde_json::to_vec(&self.peer.grants).unwrap_or_default();
            out.push(send(&ServerFrame::Directory {
                version,
                changes: changes.into(),
                grants: grants.into(),
            }));
        }
        self.directory.read_on(out);
    }
}

/// Answers for every document that was asked for, in frames of bounded size.
fn fetched(
    at: &Cursor,
    asked: Vec<DocumentId>,
    mut snapshots: BTreeMap<DocumentId, Snapshot>,
    out: &mut Vec<NodeEffect>,
) {
    let (mut names, mut items, mut size) = (Vec::new(), Vec::new(), 0);
    let last = asked.len().saturating_sub(1);
    for (place, id) in asked.into_iter().enumerate() {
        names.push(id);
        if let Some(snapshot) = snapshots.remove(&id) {
            size += snapshot_size(&snapshot);
            items.push(snapshot);
        }
        if size >= FRAME_BYTES || place == last {
            let (asked, items) = (std::mem::take(&mut names), std::mem::take(&mut items));
            out.push(send(&ServerFrame::Snapshots { at: at.clone(), items, through: None, asked }));
            size = 0;
        }
    }
}

pub(super) fn snapshot_size(snapshot: &Snapshot) -> usize {
    snapshot.bytes.len() + snapshot.records.iter().map(|record| record.len() + 8).sum::<usize>() + 64
}
