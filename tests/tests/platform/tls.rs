//! https, as a phone needs it: the program serves a certificate of its own files.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use maintainpro_tests::process::{DataFolder, ServerProcess};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

/// Who trusts `certificate` and nobody else.
fn client(certificate: Option<CertificateDer<'static>>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    certificate.into_iter().for_each(|certificate| roots.add(certificate).unwrap());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

fn get(server: &ServerProcess, client: Arc<ClientConfig>, path: &str) -> std::io::Result<String> {
    let name = ServerName::try_from("plant.example").unwrap();
    let connection = ClientConnection::new(client, name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(server.address)?);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: plant.example\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_server_with_a_certificate_answers_over_https_and_to_nobody_else() {
    let data = DataFolder::create();
    let signed = rcgen::generate_simple_self_signed(vec!["plant.example".to_owned()]).unwrap();
    let (certificate, key) = (data.path().join("tls-cert.pem"), data.path().join("tls-key.pem"));
    std::fs::write(&certificate, signed.cert.pem()).unwrap();
    std::fs::write(&key, signed.signing_key.serialize_pem()).unwrap();
    let environment = [
        ("MAINTAINPRO_TLS_CERT", certificate.to_str().unwrap()),
        ("MAINTAINPRO_TLS_KEY", key.to_str().unwrap()),
    ];
    let server = ServerProcess::start_with(PROGRAM, &data, &environment);

    let answer = get(&server, client(Some(signed.cert.der().clone())), "/healthz").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"status\":\"ok\""), "{answer}");
    let stranger = get(&server, client(None), "/healthz").unwrap_err().to_string();
    assert!(stranger.contains("certificate"), "{stranger}");

    let mut plain = TcpStream::connect(server.address).unwrap();
    write!(plain, "GET /healthz HTTP/1.1\r\nHost: plant.example\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // Whether it is hung up on or told of an alert, plain http gets no answer.
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    assert!(server.terminate());
}
