//! The costliest messages there are, under an allocator that counts: a binary of its own, because it has that allocator.

use maintainpro_tests::fuzz::measure::{self, Counting};
use maintainpro_tests::fuzz::worst::{MOST_BYTES, messages};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn no_message_takes_more_memory_than_one_may() {
    let mut wrong = Vec::new();
    for message in messages() {
        let frame = message.frame();
        let (answer, cost) = measure::cost(|| message.judge(&frame));
        let line =
            format!("{}: {} bytes take {} KiB, {answer}", message.name, frame.len(), cost.bytes / 1024);
        println!("{line}, {} ms", cost.time.as_millis());
        if cost.bytes > MOST_BYTES || !message.is_answered_by(&answer) {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
