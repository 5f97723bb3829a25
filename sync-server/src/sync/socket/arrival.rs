//! What arrives on a socket, as events of its session, and the end of a conversation with somebody who speaks no frames.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use shared_model::sync_protocol::{MAX_FRAME_BYTES, NodeEvent};
use tokio::time::timeout;

/// What is read of a message that is longer than a frame may be, so that it can be answered.
pub(super) const MAX_READ_BYTES: usize = 2 * MAX_FRAME_BYTES;
/// How long the end of a broken conversation may take.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What arrived; an error when the socket is over, with the last words if there are any. Text is no frame, which the
/// session says.
pub(super) fn event_of(
    message: Option<Result<Message, axum::Error>>,
) -> Result<NodeEvent, Option<CloseFrame>> {
    let last = |code, reason: &'static str| Some(CloseFrame { code, reason: reason.into() });
    match message.ok_or(None)? {
        Ok(message) if size(&message) > MAX_FRAME_BYTES => {
            tracing::info!(bytes = size(&message), "a message was too long");
            Err(last(close_code::SIZE, "a frame has at most 1 MiB"))
        }
        Ok(Message::Binary(bytes)) => Ok(NodeEvent::Received { frame: bytes.to_vec() }),
        Ok(Message::Text(text)) => Ok(NodeEvent::Received { frame: text.as_bytes().to_vec() }),
        Ok(Message::Ping(_) | Message::Pong(_)) => Ok(NodeEvent::Tick),
        Ok(Message::Close(_)) => Err(None),
        Err(error) => {
            // What is so long that not even its length is believed ends here too.
            tracing::info!(cause = %error, "a socket broke");
            Err(last(close_code::PROTOCOL, "this is no message"))
        }
    }
}

fn size(message: &Message) -> usize {
    match message {
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Text(text) => text.len(),
        Message::Close(_) => 0,
    }
}

/// Says why, and waits until that was heard.
pub(super) async fn hang_up(socket: &mut WebSocket, why: CloseFrame) {
    metrics::counter!("sync_sockets_broken_total").increment(1);
    close(socket, why).await;
}

/// Closes a socket once the other end has heard it: a connection that is closed with bytes unread takes its last words
/// back.
pub(super) async fn close(socket: &mut WebSocket, why: CloseFrame) {
    let said = async {
        if socket.send(Message::Close(Some(why))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // The device may be gone already; then there is nobody to tell.
    drop(timeout(LAST_WORDS, said).await);
}
