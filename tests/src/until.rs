//! Waiting for something to become true, with a limit and a reason; never for an amount of time.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// Longer than anything takes on a machine that is busy with other things; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Asks again and again until the answer is the right one, and returns it. The last wrong one is told when it never is.
pub async fn until<T, E: Debug>(what: &str, mut question: impl AsyncFnMut() -> Result<T, E>) -> T {
    let begun = Instant::now();
    loop {
        match question().await {
            Ok(answer) => return answer,
            Err(instead) => {
                assert!(begun.elapsed() < PATIENCE, "after {PATIENCE:?} still not {what}: {instead:?}");
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
