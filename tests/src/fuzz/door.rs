//! What the session of a socket lets through to the ingest of one message, in the batches that it makes of it.

use shared_model::identity::{ActorId, DeviceId};
use shared_model::instant::Timestamp;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{
    CommandResult, Cursor, CursorStanding, DeviceFrame, NodeEffect, NodeEvent, NodeSession, Peer,
    PushedCommand, ServerFrame,
};

/// What became of the commands of a message.
pub(super) struct Taken {
    /// To be judged, in this order.
    pub(super) commands: Vec<PushedCommand>,
    /// How many the device is asked to say again.
    pub(super) sent_back: usize,
}

/// Says a frame to a session that follows its feed, and answers every batch that comes of it.
pub(super) fn take(grants: Grants, frame: &[u8]) -> Taken {
    let mut session = following(grants);
    let mut taken = Taken { commands: Vec::new(), sent_back: 0 };
    let mut events = vec![NodeEvent::Received { frame: frame.to_vec() }];
    while let Some(event) = events.pop() {
        for effect in session.handle(Timestamp::default(), event) {
            match effect {
                NodeEffect::Ingest { batch, commands } => {
                    taken.commands.extend(commands);
                    events.push(NodeEvent::Ingested { batch, results: Vec::new() });
                }
                NodeEffect::Send(frame) => taken.sent_back += retries(&frame),
                _ => {}
            }
        }
    }
    taken
}

fn following(grants: Grants) -> NodeSession {
    let (device, now) = (DeviceId::from_bytes([4; 16]), Timestamp::default());
    let head = Cursor { epoch: vec![7; 16].into(), seq: 1, chain_hash: vec![1; 32].into() };
    let hello = DeviceFrame::Hello {
        protocol: 1,
        device,
        actor: ActorId::from_bytes([2; 16]),
        cursor: Some(head.clone()),
        directory_version: 0,
        loading: false,
        rights: Vec::new().into(),
        packs: false,
        seen: None,
    };
    let mut session = NodeSession::new(now, Peer { person: grants.person, device, grants });
    drop(session.handle(now, NodeEvent::Received { frame: hello.encode() }));
    let read = NodeEvent::HeadRead { head, horizon: 0, standing: Some(CursorStanding::Known), documents: 1 };
    drop(session.handle(now, read));
    session
}

fn retries(frame: &[u8]) -> usize {
    let Ok(ServerFrame::PushResults { results }) = ServerFrame::decode(frame) else { return 0 };
    results.iter().filter(|(_, result)| matches!(result, CommandResult::Retry { .. })).count()
}
