//! What one transaction writes. Collected first, so that nothing is awaited inside the transaction but itself.

use std::collections::BTreeSet;

use client_bridge::database::META;

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Stores a value.
    Put { store: &'static str, key: String, bytes: Vec<u8> },
    /// Forgets a value.
    Delete { store: &'static str, key: String },
    /// Forgets all values between two keys, both included.
    DeleteRange { store: &'static str, range: (String, String) },
}

impl Write {
    const fn store(&self) -> &'static str {
        match self {
            Self::Put { store, .. } | Self::Delete { store, .. } | Self::DeleteRange { store, .. } => store,
        }
    }
}

/// The writes of one transaction, in order.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    writes: Vec<Write>,
}

impl Batch {
    pub fn put(&mut self, store: &'static str, key: String, bytes: Vec<u8>) {
        self.writes.push(Write::Put { store, key, bytes });
    }

    pub fn delete(&mut self, store: &'static str, key: String) {
        self.writes.push(Write::Delete { store, key });
    }

    pub fn delete_range(&mut self, store: &'static str, range: (String, String)) {
        self.writes.push(Write::DeleteRange { store, range });
    }

    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// The stores the transaction covers; `meta` always, because the fencing epoch is there.
    pub fn stores(&self) -> BTreeSet<&'static str> {
        self.writes.iter().map(Write::store).chain([META]).collect()
    }
}

#[cfg(test)]
mod tests {
    use client_bridge::database::{DOCUMENTS, OUTBOX};

    use super::*;

    #[test]
    fn a_transaction_covers_what_it_writes_and_the_epoch() {
        let mut batch = Batch::default();
        assert_eq!(batch.stores(), BTreeSet::from([META]));
        batch.put(DOCUMENTS, "a".to_owned(), vec![1]);
        batch.delete(OUTBOX, "b".to_owned());
        assert_eq!(batch.stores(), BTreeSet::from([META, DOCUMENTS, OUTBOX]));
        assert_eq!(batch.writes().len(), 2);
    }
}
