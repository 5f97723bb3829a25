//! What a headless device says on the wire: tickets, sockets, packs, and work that is handed in.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::StreamExt;
use shared_model::account::SocketTicket;
use shared_model::identity::CommandId;
use shared_model::sync_protocol::{
    Deposit, DepositFailure, Deposited, DepositedCommand, DeviceEvent, Disconnect, MAX_SERVER_FRAME_BYTES,
    PackFailure, PushedCommand,
};
use sync_server::clock::Clock;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::client::Client;

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
/// A pack on its way.
pub type Fetching = Option<(u64, JoinHandle<Result<Vec<u8>, PackFailure>>)>;
/// Commands on their way to be held.
pub(super) type Depositing = Option<(u64, JoinHandle<Result<Vec<CommandId>, DepositFailure>>)>;

pub(super) async fn receive(socket: &mut Option<(u64, Socket)>) -> DeviceEvent {
    let Some((connection, stream)) = socket else { return std::future::pending().await };
    let connection = *connection;
    loop {
        match stream.next().await {
            Some(Ok(Message::Binary(frame))) => {
                return DeviceEvent::Received { connection, frame: frame.to_vec() };
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => {
                *socket = None;
                return DeviceEvent::Disconnected { connection, cause: Disconnect::Lost };
            }
        }
    }
}

pub(super) async fn dialed(
    dialing: &mut Option<(u64, JoinHandle<Result<Socket, Disconnect>>)>,
) -> (u64, Result<Socket, Disconnect>) {
    let Some((connection, task)) = dialing else { return std::future::pending().await };
    let connection = *connection;
    let outcome = task.await.unwrap_or(Err(Disconnect::Lost));
    *dialing = None;
    (connection, outcome)
}

pub(super) async fn fetched(fetching: &mut Fetching) -> DeviceEvent {
    let Some((fetch, task)) = fetching else { return std::future::pending().await };
    let fetch = *fetch;
    let outcome = task.await.unwrap_or(Err(PackFailure::Lost));
    *fetching = None;
    match outcome {
        Ok(bytes) => DeviceEvent::PackArrived { fetch, bytes },
        Err(cause) => DeviceEvent::PackFailed { fetch, cause },
    }
}

pub(super) async fn deposited(depositing: &mut Depositing) -> DeviceEvent {
    let Some((deposit, task)) = depositing else { return std::future::pending().await };
    let deposit = *deposit;
    let outcome = task.await.unwrap_or(Err(DepositFailure::Lost));
    *depositing = None;
    match outcome {
        Ok(held) => DeviceEvent::Deposited { deposit, held },
        Err(cause) => DeviceEvent::DepositFailed { deposit, cause },
    }
}

pub(super) async fn hand_in(
    mut client: Client,
    credential: Option<String>,
    commands: Vec<PushedCommand>,
) -> Result<Vec<CommandId>, DepositFailure> {
    let credential = credential.ok_or(DepositFailure::Refused)?;
    let made_at = Clock::System.now();
    let commands = commands.into_iter().map(|command| DepositedCommand { command, made_at }).collect();
    let answer = client.deposit(&credential, &Deposit { commands }).await;
    let answer = answer.map_err(|_| DepositFailure::Lost)?;
    match answer.status {
        StatusCode::OK => Ok(answer.read::<Deposited>().held),
        status if status.is_client_error() => Err(DepositFailure::Refused),
        _ => Err(DepositFailure::Lost),
    }
}

/// A pack, decompressed.
pub async fn fetch_pack(mut client: Client, next: Option<&str>) -> Result<Vec<u8>, PackFailure> {
    let answer = client.pack(next, "zstd").await.map_err(|_| PackFailure::Lost)?;
    match answer.status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Err(PackFailure::SignInNeeded),
        StatusCode::CONFLICT => return Err(PackFailure::Stale),
        status if status.is_client_error() => return Err(PackFailure::Refused),
        _ => return Err(PackFailure::Lost),
    }
    zstd::decode_all(&answer.body[..]).map_err(|_| PackFailure::Lost)
}

/// A ticket, then the socket.
pub(super) async fn dial(mut client: Client) -> Result<Socket, Disconnect> {
    let lost = |_| Disconnect::Lost;
    let request = Request::post("/api/socket-tickets").body(Body::empty()).map_err(|_| Disconnect::Lost)?;
    let answer = client.try_send(request).await.map_err(|_| Disconnect::Lost)?;
    match answer.status {
        StatusCode::CREATED => {}
        StatusCode::UNAUTHORIZED => return Err(Disconnect::SignInNeeded),
        StatusCode::TOO_MANY_REQUESTS => {
            let seconds: u64 = answer.header("retry-after").parse().map_err(|_| Disconnect::Lost)?;
            return Err(Disconnect::ComeBack { after_ms: seconds * 1_000 });
        }
        _ => return Err(Disconnect::Lost),
    }
    let ticket: SocketTicket = serde_json::from_slice(&answer.body).map_err(|_| Disconnect::Lost)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_SERVER_FRAME_BYTES))
        .max_frame_size(Some(MAX_SERVER_FRAME_BYTES));
    let address = socket_address(client.address(), &ticket.ticket);
    let (socket, _) = connect_async_with_config(address, Some(config), true).await.map_err(lost)?;
    Ok(socket)
}

fn socket_address(address: SocketAddr, ticket: &str) -> String {
    format!("ws://{address}/sync?ticket={ticket}")
}
