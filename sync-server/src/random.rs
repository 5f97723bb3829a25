//! Randomness of the operating system, for secrets and new ids.

use ring::rand::{SecureRandom, SystemRandom};
use shared_model::identity::uuid_v7;
use shared_model::instant::Timestamp;
use uuid::Uuid;

/// `N` unpredictable bytes.
///
/// # Panics
/// When the operating system has no randomness to give: nothing safe can be done then.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A new id, sortable by its time of creation.
pub fn uuid(now: Timestamp) -> Uuid {
    uuid_v7(now, bytes())
}
