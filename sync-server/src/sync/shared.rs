//! What many sockets ask for in the same moment is read once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// Answers that are being read or were read just now. An answer is kept as long as it says and no longer.
pub(super) struct Shared<Question, Answer> {
    kept_for: Duration,
    cells: Mutex<HashMap<Question, Cell<Answer>>>,
}

/// Since when it is shared, and what was read, once it is.
type Cell<Answer> = (Instant, Arc<OnceCell<Arc<Answer>>>);

impl<Question: Eq + Hash + Clone, Answer> Shared<Question, Answer> {
    /// Nothing has been asked yet; whoever asks again within `kept_for` gets the same answer.
    pub(super) fn new(kept_for: Duration) -> Self {
        Self { kept_for, cells: Mutex::default() }
    }

    /// The answer to a question, read by the first one who asks.
    pub(super) async fn get<Failure>(
        &self,
        question: Question,
        read: impl AsyncFnOnce() -> Result<Answer, Failure>,
    ) -> Result<Arc<Answer>, Failure> {
        let cell = self.cell(question);
        let answer = cell.get_or_try_init(async || read().await.map(Arc::new)).await?;
        Ok(Arc::clone(answer))
    }

    /// Whoever asks next reads it anew.
    pub(super) fn forget(&self, question: &Question) {
        self.cells.lock().remove(question);
    }

    fn cell(&self, question: Question) -> Arc<OnceCell<Arc<Answer>>> {
        let mut cells = self.cells.lock();
        let now = Instant::now();
        cells.retain(|_, (since, _)| now.duration_since(*since) < self.kept_for);
        Arc::clone(&cells.entry(question).or_insert_with(|| (now, Arc::default())).1)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_question_is_answered_once_while_its_answer_is_kept() {
        let reads = Cell::new(0);
        let ask = async |shared: &Shared<u8, usize>, question| {
            let read = async || {
                reads.set(reads.get() + 1);
                Ok::<_, ()>(reads.get())
            };
            *shared.get(question, read).await.unwrap()
        };
        let shared = Shared::new(Duration::from_secs(3_600));
        assert_eq!((ask(&shared, 1).await, ask(&shared, 1).await, ask(&shared, 2).await), (1, 1, 2));
        shared.forget(&2);
        assert_eq!((ask(&shared, 1).await, ask(&shared, 2).await), (1, 3));
        // What could not be read is read by the next one.
        let failed = shared.get(9, async || Err::<usize, _>("away")).await;
        assert_eq!((failed.unwrap_err(), ask(&shared, 9).await), ("away", 4));

        let forgetful = Shared::new(Duration::ZERO);
        assert_eq!((ask(&forgetful, 1).await, ask(&forgetful, 1).await), (5, 6));
    }
}
