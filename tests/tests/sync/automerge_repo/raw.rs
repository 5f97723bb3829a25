//! A client that says whatever it likes: bytes on a socket, and what comes back.

use std::time::Duration;

use automerge::sync::{ChunkList, Message as SyncMessage, MessageVersion};
use futures_util::{SinkExt, StreamExt};
use maintainpro_tests::client::Client;
use maintainpro_tests::server::TestServer;
use minicbor::Encoder;
use shared_model::identity::DocumentId;
use sync_server::automerge_repo::document_id;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(20);

pub struct Raw {
    pub client: Client,
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message of this type about this document.
    Message { kind: String, document: String, data: Vec<u8> },
    /// The end, with the reason given in the protocol and the close code.
    Closed { error: Option<String>, code: u16 },
}

impl Heard {
    pub fn kind(&self) -> &str {
        match self {
            Self::Message { kind, .. } => kind,
            Self::Closed { .. } => "closed",
        }
    }

    /// The close code, told twice: in the protocol's own words and in the frame.
    pub fn close_code(&self) -> u16 {
        match self {
            Self::Closed { error: Some(_), code } => *code,
            other => panic!("not closed with a reason: {other:?}"),
        }
    }

    /// The code of a refused change.
    pub fn refusal(&self) -> String {
        let Self::Message { kind, data, .. } = self else { panic!("no refusal: {self:?}") };
        assert_eq!(kind, "ephemeral", "{self:?}");
        member(data, "code")
    }

    /// The sync message in it.
    pub fn sync(&self) -> SyncMessage {
        let Self::Message { kind, data, .. } = self else { panic!("no sync message: {self:?}") };
        assert_eq!(kind, "sync", "{self:?}");
        SyncMessage::decode(data).unwrap()
    }
}

impl Raw {
    /// Opens a socket with the session's cookie.
    pub async fn open(server: &TestServer, client: &Client) -> Self {
        let client = client.clone();
        let mut request =
            format!("ws://{}/api/automerge-repo", server.address).into_client_request().unwrap();
        request.headers_mut().insert("cookie", client.cookie.clone().unwrap().parse().unwrap());
        let (stream, _) = connect_async(request).await.unwrap();
        Self { client, stream }
    }

    /// The same, and says hello.
    pub async fn join(server: &TestServer, client: &Client) -> Self {
        let mut raw = Self::open(server, client).await;
        raw.say(join("raw", "1")).await;
        assert_eq!(raw.hear().await.kind(), "peer");
        raw
    }

    pub async fn say(&mut self, bytes: Vec<u8>) {
        self.stream.send(Message::Binary(bytes.into())).await.unwrap();
    }

    pub async fn say_text(&mut self, text: &str) {
        self.stream.send(Message::Text(text.into())).await.unwrap();
    }

    /// The next message or the end.
    pub async fn hear(&mut self) -> Heard {
        let mut error = None;
        loop {
            let next = timeout(PATIENCE, self.stream.next()).await.expect("an answer");
            match next {
                Some(Ok(Message::Binary(bytes))) => match member(&bytes, "type").as_str() {
                    "error" => error = Some(member(&bytes, "message")),
                    kind => {
                        let (kind, document) = (kind.to_owned(), member(&bytes, "documentId"));
                        return Heard::Message { kind, document, data: data(&bytes) };
                    }
                },
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(0, |frame| frame.code.into());
                    return Heard::Closed { error, code };
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("the server hung up without a word: {other:?}"),
            }
        }
    }

    /// Says something and hears the answer.
    pub async fn ask(&mut self, bytes: Vec<u8>) -> Heard {
        self.say(bytes).await;
        self.hear().await
    }

    /// Offers changes to a document.
    pub async fn offer(&mut self, id: DocumentId, changes: Vec<Vec<u8>>) -> Heard {
        self.ask(sync(&document_id::encode(id), &message(changes))).await
    }
}

/// A CBOR map of texts, and bytes under `data`.
pub fn map(members: &[(&str, &str)], data: Option<&[u8]>) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    out.map(members.len() as u64 + u64::from(data.is_some())).unwrap();
    for (name, value) in members {
        out.str(name).unwrap().str(value).unwrap();
    }
    if let Some(data) = data {
        out.str("data").unwrap().bytes(data).unwrap();
    }
    out.into_writer()
}

pub fn join(peer: &str, version: &str) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    out.map(3).unwrap().str("type").unwrap().str("join").unwrap().str("senderId").unwrap().str(peer).unwrap();
    out.str("supportedProtocolVersions").unwrap().array(1).unwrap().str(version).unwrap();
    out.into_writer()
}

pub fn sync(document: &str, data: &[u8]) -> Vec<u8> {
    let members = [("type", "sync"), ("senderId", "raw"), ("targetId", "x"), ("documentId", document)];
    map(&members, Some(data))
}

pub fn ephemeral(document: &str, data: &[u8]) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    out.map(5).unwrap().str("type").unwrap().str("ephemeral").unwrap();
    out.str("documentId").unwrap().str(document).unwrap();
    out.str("sessionId").unwrap().str("s").unwrap().str("count").unwrap().u8(1).unwrap();
    out.str("data").unwrap().bytes(data).unwrap();
    out.into_writer()
}

/// A sync message that offers changes.
pub fn message(changes: Vec<Vec<u8>>) -> Vec<u8> {
    let changes = ChunkList::from(changes);
    let (heads, need, have) = (Vec::new(), Vec::new(), Vec::new());
    SyncMessage { heads, need, have, changes, flags: None, version: MessageVersion::V1 }.encode()
}

/// A text member of a CBOR map; empty when there is none.
fn member(bytes: &[u8], wanted: &str) -> String {
    let mut decoder = minicbor::Decoder::new(bytes);
    for _ in 0..decoder.map().unwrap().unwrap() {
        if decoder.str().unwrap() == wanted {
            return decoder.str().unwrap().to_owned();
        }
        decoder.skip().unwrap();
    }
    String::new()
}

fn data(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = minicbor::Decoder::new(bytes);
    for _ in 0..decoder.map().unwrap().unwrap() {
        if decoder.str().unwrap() == "data" {
            return decoder.bytes().unwrap().to_vec();
        }
        decoder.skip().unwrap();
    }
    Vec::new()
}
