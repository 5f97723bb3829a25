//! After an outage thousands of devices write under new actors, and everybody who listens is to hear whose they are.

use std::collections::BTreeSet;

use maintainpro_tests::hand::{Hand, create_work_order, new_document};
use shared_model::directory::Directory;
use shared_model::identity::ActorId;
use shared_model::sync_protocol::ServerFrame;

use super::{Socket, site};

const ACTORS: u8 = 40;

#[tokio::test]
async fn listeners_hear_of_new_actors_together() {
    let (server, _) = site().await;
    let mut bob = Socket::open(&server, "demo", "bob@demo.example").await;
    bob.load().await;
    let ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let actors: BTreeSet<ActorId> = (1..=ACTORS).map(|n| ActorId::from_bytes([n; 16])).collect();
    for actor in &actors {
        let mut started = ann.clone();
        started.actor = *actor;
        started.act(&server.state.sync, &create_work_order(new_document(), "Oil the hoist")).await;
    }
    let (mut heard, mut frames) = (BTreeSet::new(), 0);
    while !actors.is_subset(&heard) {
        let frame = bob.until(|frame| matches!(frame, ServerFrame::Directory { .. })).await;
        let ServerFrame::Directory { changes, .. } = frame else { unreachable!() };
        let changes: Directory = serde_json::from_slice(&changes).unwrap();
        heard.extend(changes.actors.iter().map(|actor| actor.id));
        frames += 1;
    }
    assert!(
        frames <= usize::from(ACTORS) / 2,
        "{frames} frames for {ACTORS} actors: each device would hear of each other one"
    );
}
