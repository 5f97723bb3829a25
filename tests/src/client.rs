//! A plain HTTP client: one connection per request, a jar for its cookies, nothing hidden.

use std::net::SocketAddr;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared_model::account::{DeviceRegistration, SignedIn, SocketTicket};
use shared_model::identity::DeviceId;
use shared_model::sync_protocol::{DEPOSIT_SCHEME, Deposit};
use tokio::net::TcpStream;

use crate::people::PASSWORD;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        self.read()
    }

    /// The body as a `T`.
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The text of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The stable code of a problem document, which this answer must be.
    pub fn problem_code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16(), "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{problem}");
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// A client with its cookie.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    /// The session cookie, `name=value`.
    pub cookie: Option<String>,
    /// Those by which this browser is known.
    known: Vec<String>,
}

impl Client {
    /// A client without a session.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, cookie: None, known: Vec::new() }
    }

    /// GET.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// POST of JSON.
    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.give(Method::POST, path, body).await
    }

    /// Any method with JSON.
    pub async fn give(&mut self, method: Method, path: &str, body: &Value) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// PUT of a file.
    pub async fn put_file(&mut self, path: &str, content: &[u8]) -> Answer {
        let request = Request::put(path).header(header::CONTENT_TYPE, "application/octet-stream");
        self.send(request.body(Body::from(content.to_vec())).unwrap()).await
    }

    /// Any method without a body.
    pub async fn call(&mut self, method: Method, path: &str) -> Answer {
        self.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
    }

    /// Signs in on a new device; the session must open.
    pub async fn sign_in(&mut self, organisation: &str, email: &str) -> SignedIn {
        let body = json!({ "organisation": organisation, "email": email, "password": PASSWORD });
        let answer = self.post("/api/session", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.read()
    }

    /// Signs in on an install that is known already; the session must open.
    pub async fn sign_in_again(&mut self, organisation: &str, email: &str, device: DeviceId) -> SignedIn {
        let device =
            DeviceRegistration { id: device, name: "Tablet".to_owned(), has_deposit_credential: true };
        let body =
            json!({ "organisation": organisation, "email": email, "password": PASSWORD, "device": device });
        let answer = self.post("/api/session", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.read()
    }

    /// Fetches a ticket for a WebSocket.
    pub async fn socket_ticket(&mut self) -> SocketTicket {
        let answer = self.call(Method::POST, "/api/socket-tickets").await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.read()
    }

    /// Sends exactly this request, plus `Host` and the cookie where they are missing.
    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// The same, where the server may be away.
    pub async fn try_send(&mut self, mut request: Request<Body>) -> anyhow::Result<Answer> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert(self.address.to_string().parse()?);
        let cookies: Vec<&str> = self.cookie.iter().chain(&self.known).map(String::as_str).collect();
        if !cookies.is_empty() {
            headers.entry(header::COOKIE).or_insert(cookies.join("; ").parse()?);
        }
        let response = sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(Body::new(body), usize::MAX).await?;
        connection.abort();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str()?);
        }
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// The same session at another node, or through a proxy.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// A pack of a first load, as it comes.
    pub async fn pack(&mut self, next: Option<&str>, encoding: &'static str) -> anyhow::Result<Answer> {
        let address = next.map_or_else(|| "/api/packs".to_owned(), |next| format!("/api/packs?next={next}"));
        let request = Request::get(address).header(header::ACCEPT_ENCODING, encoding).body(Body::empty())?;
        self.try_send(request).await
    }

    /// Hands commands over with a device's credential.
    pub async fn deposit(&mut self, credential: &str, deposit: &Deposit) -> anyhow::Result<Answer> {
        self.deposit_bytes(credential, minicbor::to_vec(deposit)?).await
    }

    /// The same with any body.
    pub async fn deposit_bytes(&mut self, credential: &str, body: Vec<u8>) -> anyhow::Result<Answer> {
        let request = Request::post("/api/deposits")
            .header(header::CONTENT_TYPE, "application/cbor")
            .header(header::AUTHORIZATION, format!("{DEPOSIT_SCHEME} {credential}"));
        self.try_send(request.body(Body::from(body))?).await
    }

    /// Where the server listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    fn keep(&mut self, set_cookie: &str) {
        let pair = set_cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or_default();
        if name.contains("maintainpro-") {
            self.known.retain(|other| !other.starts_with(name));
            self.known.push(pair.to_owned());
            return;
        }
        let is_empty = value.is_empty();
        self.cookie = (!is_empty).then(|| pair.to_owned());
    }
}
