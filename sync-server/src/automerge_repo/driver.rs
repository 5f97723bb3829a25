//! Moves the bytes of one socket and tells its session of what happens elsewhere.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::MAX_MESSAGE_BYTES;
use super::relay::Relay;
use super::session::{Goodbye, Outgoing, Session};
use super::wire::FromServer;
use crate::app_state::AppState;
use crate::auth::Caller;

/// A client that does not take a message for so long is dropped.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);
/// How often the client is asked whether it is there, and its session looked after.
const PING: Duration = Duration::from_secs(30);
/// A client that is silent for so long, pings included, is gone; one that did not join by then, too.
const SILENCE: Duration = Duration::from_secs(90);
/// How long the end of a conversation may take.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Longest reason that fits a close frame.
const MAX_REASON_BYTES: usize = 120;

/// Serves a socket until either side ends it.
pub(super) async fn drive(state: AppState, caller: Caller, relay: Relay, mut socket: WebSocket) {
    metrics::gauge!("automerge_repo_sockets").increment(1.0);
    if let Err(goodbye) = serve(state, caller, relay, &mut socket).await {
        close(&mut socket, goodbye).await;
    }
    metrics::gauge!("automerge_repo_sockets").decrement(1.0);
}

async fn serve(state: AppState, caller: Caller, relay: Relay, socket: &mut WebSocket) -> Result<(), Goodbye> {
    let organisation = caller.organisation_id;
    let mut head = state.sync.wake().subscribe(organisation);
    let mut ended = state.sync.wake().ended_sessions();
    let mut whispers = relay.listen();
    let shutdown = state.shutdown.clone();
    let seen = state.sync.feed_head(&state.pool, organisation).await?;
    let mut session = Session::new(state, caller, relay, seen);
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping.reset();
    let (mut heard, mut rights) = (Instant::now(), 0);
    loop {
        let outgoing: Outgoing = tokio::select! {
            message = socket.recv() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Binary(bytes))) => hear(&mut session, &bytes).await?,
                    Some(Ok(Message::Text(_))) => {
                        return Err(Goodbye::new(close_code::UNSUPPORTED, "messages are binary"));
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Vec::new(),
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Err(error)) => return broken(&error),
                }
            }
            Ok(()) = head.changed() => {
                let now = *head.borrow_and_update();
                if now.rights > rights {
                    rights = now.rights;
                    session.recheck().await?;
                }
                session.moved(now.feed).await?;
                continue;
            }
            // Fair with the others: a client with thousands of documents is heard meanwhile.
            () = std::future::ready(()), if session.has_due() => session.look_again().await?,
            id = ended.recv() => {
                // An error: so many ended that this socket lost count.
                if id.is_err() || id.ok() == session.caller.session_id {
                    session.recheck().await?;
                }
                continue;
            }
            whisper = whispers.recv() => match whisper {
                Ok(whisper) => session.overhear(&whisper).into_iter().collect(),
                Err(RecvError::Lagged(_) | RecvError::Closed) => continue,
            },
            _ = ping.tick() => {
                if heard.elapsed() > SILENCE || session.peer.is_none() {
                    return Err(Goodbye::new(close_code::POLICY, "nothing was heard for too long"));
                }
                send(socket, Message::Ping(Bytes::new())).await?;
                session.recheck().await?;
                let feed = head.borrow().feed;
                session.moved(feed).await?;
                continue;
            }
            () = shutdown.cancelled() => return Err(Goodbye::new(close_code::AWAY, "the server stops")),
        };
        for message in outgoing {
            say(socket, &message, session.peer.as_deref()).await?;
        }
    }
}

async fn hear(session: &mut Session, bytes: &[u8]) -> Result<Outgoing, Goodbye> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(Goodbye::new(close_code::SIZE, "a message has at most 1 MiB"));
    }
    session.hear(bytes).await
}

/// What is left to say when a socket breaks.
fn broken(error: &axum::Error) -> Result<(), Goodbye> {
    tracing::debug!(cause = %error, "the socket of an automerge-repo client broke");
    Err(Goodbye::new(close_code::PROTOCOL, "the frame was refused"))
}

async fn say(socket: &mut WebSocket, message: &FromServer, peer: Option<&str>) -> Result<(), Goodbye> {
    let bytes = message.encode(peer.unwrap_or_default());
    send(socket, Message::Binary(bytes.into())).await
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Goodbye> {
    match timeout(SEND_TIMEOUT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Goodbye::new(close_code::AWAY, "the client does not listen")),
    }
}

/// Says why in the protocol's own words and in the close frame. The client may be gone already; then nobody is told.
async fn close(socket: &mut WebSocket, Goodbye { code, mut message }: Goodbye) {
    tracing::debug!(code, message, "an automerge-repo client is hung up on");
    message.truncate(message.floor_char_boundary(MAX_REASON_BYTES));
    let said = async {
        if code != close_code::NORMAL {
            say(socket, &FromServer::Error { message: message.clone() }, None).await?;
        }
        send(socket, Message::Close(Some(CloseFrame { code, reason: message.into() }))).await?;
        // A connection that is closed with bytes unread takes the last words back.
        while let Some(Ok(_)) = socket.recv().await {}
        Ok::<_, Goodbye>(())
    };
    drop(timeout(LAST_WORDS, said).await);
}
