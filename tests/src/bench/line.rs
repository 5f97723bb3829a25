//! One socket of one device, frame by frame, with everything that passes counted.

use std::net::SocketAddr;

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use shared_model::identity::{ActorId, DeviceId};
use shared_model::sync_protocol::{
    Cursor, DeviceFrame, MAX_SERVER_FRAME_BYTES, PROTOCOL_VERSION, Plan, ServerFrame,
};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// An open socket.
pub struct Line {
    socket: WebSocketStream<TcpStream>,
    /// Bytes of frames that were sent.
    pub sent_bytes: usize,
    /// Bytes of frames that arrived.
    pub received_bytes: usize,
    /// Frames that arrived.
    pub received_frames: usize,
}

/// Where a device stands, as its Hello says.
#[derive(Clone, Debug, Default)]
pub struct Stand {
    /// Its cursor.
    pub cursor: Option<Cursor>,
    /// The fingerprint of its rights.
    pub rights: Vec<u8>,
    /// The version of its directory.
    pub directory: u64,
}

/// What Welcome says.
#[derive(Clone, Debug)]
pub struct Welcomed {
    /// How to catch up.
    pub plan: Plan,
    /// The end of the feed.
    pub head: Cursor,
    /// The fingerprint of the rights.
    pub rights: Vec<u8>,
}

impl Line {
    /// Opens a socket with a one-time ticket.
    pub async fn open(address: SocketAddr, ticket: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_SERVER_FRAME_BYTES))
            .max_frame_size(Some(MAX_SERVER_FRAME_BYTES))
            .read_buffer_size(8 * 1024);
        let url = format!("ws://{address}/sync?ticket={ticket}");
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        Ok(Self { socket, sent_bytes: 0, received_bytes: 0, received_frames: 0 })
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: &DeviceFrame) -> anyhow::Result<()> {
        self.say_bytes(frame.encode()).await
    }

    /// Sends the bytes of a frame.
    pub async fn say_bytes(&mut self, bytes: Vec<u8>) -> anyhow::Result<()> {
        self.sent_bytes += bytes.len();
        Ok(self.socket.send(Message::Binary(bytes.into())).await?)
    }

    /// The bytes of the next frame.
    pub async fn hear_bytes(&mut self) -> anyhow::Result<Vec<u8>> {
        loop {
            match self.socket.next().await.context("the socket was closed")?? {
                Message::Binary(bytes) => {
                    self.received_bytes += bytes.len();
                    self.received_frames += 1;
                    return Ok(bytes.to_vec());
                }
                Message::Close(frame) => anyhow::bail!("the server closed the socket: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The next frame, which must not be a goodbye.
    pub async fn hear(&mut self) -> anyhow::Result<ServerFrame> {
        read(&self.hear_bytes().await?)
    }

    /// Says Hello and hears Welcome.
    pub async fn greet(&mut self, device: DeviceId, stand: &Stand) -> anyhow::Result<Welcomed> {
        self.say(&DeviceFrame::Hello {
            protocol: PROTOCOL_VERSION,
            device,
            actor: ActorId::from_bytes([1; 16]),
            cursor: stand.cursor.clone(),
            directory_version: stand.directory,
            loading: false,
            rights: stand.rights.clone().into(),
            packs: false,
            seen: None,
        })
        .await?;
        loop {
            if let ServerFrame::Welcome { plan, head, rights, .. } = self.hear().await? {
                return Ok(Welcomed { plan, head, rights: rights.to_vec() });
            }
        }
    }

    /// Greets as a device without anything and learns where it would stand after a load.
    pub async fn stand(&mut self, device: DeviceId) -> anyhow::Result<Stand> {
        let welcomed = self.greet(device, &Stand::default()).await?;
        loop {
            if let ServerFrame::Directory { version, .. } = self.hear().await? {
                return Ok(Stand {
                    cursor: Some(welcomed.head),
                    rights: welcomed.rights,
                    directory: version,
                });
            }
        }
    }

    /// Closes the socket.
    pub async fn close(mut self) {
        // The server may have closed it already.
        let _ = self.socket.close(None).await;
    }
}

/// Reads a frame that must not be a goodbye.
pub fn read(bytes: &[u8]) -> anyhow::Result<ServerFrame> {
    match ServerFrame::decode(bytes)? {
        ServerFrame::Goodbye { code, detail, .. } => {
            anyhow::bail!("the server says goodbye: {code} {detail}")
        }
        frame => Ok(frame),
    }
}
