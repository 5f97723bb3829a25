//! The hostile peer's end of a socket, and its answers as words: the code of a refusal, how the connection ended,
//! or that nothing came.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use maintainpro_tests::client::Client;
use shared_model::identity::{ActorId, DeviceId};
use shared_model::sync_protocol::{
    CommandResult, Cursor, DeviceFrame, PROTOCOL_VERSION, PushedCommand, ServerFrame,
};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longer than any answer takes; what takes longer is silence.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A socket that a ticket opened.
pub(super) struct Peer {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Peer {
    /// Opens a socket with a ticket of the client's session.
    pub(super) async fn open(client: &mut Client) -> Self {
        let ticket = client.socket_ticket().await.ticket;
        let address = format!("ws://{}/sync?ticket={ticket}", client.address());
        Self { stream: connect_async(address).await.unwrap().0 }
    }

    /// Opens a socket and says Hello.
    pub(super) async fn greet(client: &mut Client, device: DeviceId) -> Self {
        let mut peer = Self::open(client).await;
        peer.say(binary(&hello(device, None))).await;
        let welcome = peer.answer().await;
        assert!(welcome.starts_with("welcome"), "{welcome}");
        peer
    }

    /// Says anything. The server may have hung up; the answer will tell.
    pub(super) async fn say(&mut self, message: Message) {
        let _ = self.stream.send(message).await;
    }

    /// Writes bytes past the WebSocket.
    pub(super) async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes).await;
    }

    /// Pushes one command.
    pub(super) async fn push(&mut self, command: PushedCommand) -> String {
        self.say(binary(&DeviceFrame::Push { commands: vec![command] })).await;
        self.answer().await
    }

    /// The next answer. What the server sends of itself, the directory and the feed, is none.
    pub(super) async fn answer(&mut self) -> String {
        loop {
            let message = match timeout(PATIENCE, self.stream.next()).await {
                Err(_) => return "silence".to_owned(),
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(_)) | None) => return "cut off".to_owned(),
            };
            let bytes = match message {
                Message::Binary(bytes) => bytes,
                Message::Close(Some(frame)) => return format!("close {}", u16::from(frame.code)),
                Message::Close(None) => return "cut off".to_owned(),
                _ => continue,
            };
            match ServerFrame::decode(&bytes).unwrap() {
                ServerFrame::Directory { .. } | ServerFrame::Feed { .. } => {}
                ServerFrame::Goodbye { code, .. } => return self.end(&code).await,
                ServerFrame::Welcome { plan, .. } => return format!("welcome {plan:?}").to_lowercase(),
                ServerFrame::Snapshots { items, .. } => return format!("{} documents", items.len()),
                ServerFrame::Pong { .. } => return "pong".to_owned(),
                ServerFrame::Checkpoint { differing, .. } => {
                    let named: usize = differing.iter().map(|manifest| manifest.documents.len()).sum();
                    return format!("{} ranges differ, {named} documents named", differing.len());
                }
                ServerFrame::TakenBack { results, .. } => {
                    let words: Vec<String> =
                        results.iter().map(|(_, result)| format!("back {}", in_words(result))).collect();
                    return words.join(", ");
                }
                ServerFrame::PushResults { results } => {
                    let mut words: Vec<String> = results.iter().map(|(_, result)| in_words(result)).collect();
                    let count = words.len();
                    words.dedup();
                    let times = if count > words.len() { format!("{count} × ") } else { String::new() };
                    return times + &words.join(", ");
                }
            }
        }
    }

    /// After a goodbye the server hangs up.
    async fn end(&mut self, code: &str) -> String {
        loop {
            match timeout(PATIENCE, self.stream.next()).await {
                Err(_) => return format!("goodbye {code}, and then silence"),
                Ok(Some(Ok(Message::Binary(_)))) => return format!("goodbye {code}, and then more"),
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return format!("goodbye {code}"),
                Ok(Some(Ok(_))) => {}
            }
        }
    }
}

fn in_words(result: &CommandResult) -> String {
    match result {
        CommandResult::Accepted { .. } => "accepted".to_owned(),
        CommandResult::Duplicate { .. } => "duplicate".to_owned(),
        CommandResult::MissingDeps { .. } => "missing deps".to_owned(),
        CommandResult::Rejected { code, .. } => format!("rejected {code}"),
        CommandResult::Retry { .. } => "retry".to_owned(),
    }
}

/// The first words of an honest device.
pub(super) fn hello(device: DeviceId, cursor: Option<Cursor>) -> DeviceFrame {
    DeviceFrame::Hello {
        protocol: PROTOCOL_VERSION,
        device,
        actor: ActorId::from_bytes([0xe7; 16]),
        cursor,
        directory_version: 0,
        loading: false,
        rights: Vec::new().into(),
        packs: false,
        seen: None,
    }
}

/// A frame as a message.
pub(super) fn binary(frame: &DeviceFrame) -> Message {
    Message::Binary(frame.encode().into())
}
