//! The browser's clock and its random numbers: the only place that reads them.

use client_bridge::codec::Nonce;
use shared_model::identity::{ActorId, CommandId, uuid_v7};
use shared_model::instant::Timestamp;

/// Now, by this device's clock.
#[expect(clippy::disallowed_methods, reason = "this is the browser's clock")]
pub fn now() -> Timestamp {
    // Milliseconds fit an f64 exactly for the next two hundred thousand years.
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
    let millis = js_sys::Date::now() as i64;
    Timestamp::from_millis(millis)
}

/// The least fencing epoch of an engine that starts now: the time, so that epochs rise even when the database
/// was deleted in between.
pub fn epoch_floor() -> u64 {
    u64::try_from(now().as_millis()).unwrap_or(1)
}

/// Fresh random bytes. Without them nothing can be named, so their lack is the end of the engine.
#[expect(clippy::expect_used, reason = "a browser without random numbers cannot run the engine")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the browser has random numbers");
    bytes
}

/// What a sealed value begins with.
pub fn nonce() -> Nonce {
    random()
}

/// A fresh random number.
pub fn random_number() -> u64 {
    u64::from_be_bytes(random())
}

/// An actor nobody has used.
pub fn fresh_actor() -> ActorId {
    ActorId::from_bytes(random())
}

/// A fresh command id.
pub fn fresh_command_id() -> CommandId {
    CommandId::from_uuid(uuid_v7(now(), random()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_nonce_comes_twice() {
        let drawn: BTreeSet<Nonce> = (0..10_000).map(|_| nonce()).collect();
        assert_eq!(drawn.len(), 10_000);
    }
}
