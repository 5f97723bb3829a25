//! `run --lan`: phones on the local network.
//!
//! A phone keeps work only for an https address, so a certificate authority of this data folder signs a
//! certificate for this machine. A second, plain port hands the authority's certificate to phones, and a QR
//! code in the terminal leads there.

mod certificates;
pub mod page;

use std::{
    net::{IpAddr, ToSocketAddrs, UdpSocket},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, bail};

pub use certificates::Certificates;

/// How phones reach this machine.
pub struct Lan {
    /// The name in the address. Unsent work belongs to it, so a name is better than a number that may change.
    pub host: String,
    /// The number it has today.
    pub address: IpAddr,
    /// What https is served with.
    pub certificates: Certificates,
}

/// Finds the address and makes the certificates, in `lan-ca` of the data folder.
pub fn prepare(data: &Path, wanted_host: Option<&str>) -> Result<Lan> {
    let address = local_address()?;
    let host = match wanted_host {
        Some(host) => host.to_owned(),
        None => announced_name(address).unwrap_or_else(|| address.to_string()),
    };
    let certificates = certificates::prepare(&data.join("lan-ca"), &host, address)?;
    Ok(Lan { host, address, certificates })
}

/// The address this machine uses towards others; nothing is sent.
fn local_address() -> Result<IpAddr> {
    let probe = UdpSocket::bind("0.0.0.0:0")?;
    let found = probe.connect("192.0.2.1:9").and_then(|()| probe.local_addr());
    let address = found.context("this machine has no network that a phone could reach it on")?.ip();
    if address.is_loopback() {
        bail!("this machine only has its loopback address; connect it to the network of the phones");
    }
    Ok(address)
}

/// `name.local`, when something on this machine announces it (avahi).
fn announced_name(address: IpAddr) -> Option<String> {
    let output = Command::new("hostname").output().ok()?;
    let name = format!("{}.local", String::from_utf8(output.stdout).ok()?.trim());
    let found = (name.as_str(), 0).to_socket_addrs().ok()?;
    found.into_iter().any(|socket| socket.ip() == address).then_some(name)
}
