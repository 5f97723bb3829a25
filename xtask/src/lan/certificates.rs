//! A certificate authority that is made once and kept, and a certificate for this machine made at each start.

use std::{
    fs,
    io::Write,
    net::IpAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

const AUTHORITY_DAYS: i64 = 3650;
/// Phones refuse certificates that are valid for more than 825 days.
const MACHINE_DAYS: i64 = 397;

/// Files in PEM.
pub struct Certificates {
    pub authority: PathBuf,
    pub machine: PathBuf,
    pub key: PathBuf,
}

/// Makes what is missing. The authority stays for years: phones trust it by hand.
pub fn prepare(folder: &Path, host: &str, address: IpAddr) -> Result<Certificates> {
    fs::create_dir_all(folder)?;
    let files = Certificates {
        authority: folder.join("authority.pem"),
        machine: folder.join("machine.pem"),
        key: folder.join("machine.key"),
    };
    let authority = authority(&folder.join("authority.key"), &files.authority)?;
    let key = KeyPair::generate()?;
    let certificate = machine_params(host, address)?.signed_by(&key, &authority)?;
    fs::write(&files.machine, certificate.pem())?;
    write_private(&files.key, &key.serialize_pem())?;
    Ok(files)
}

fn authority(key_file: &Path, certificate_file: &Path) -> Result<Issuer<'static, KeyPair>> {
    if key_file.exists() && certificate_file.exists() {
        let key = KeyPair::from_pem(&fs::read_to_string(key_file)?)
            .with_context(|| format!("{} is not a key", key_file.display()))?;
        return Ok(Issuer::new(authority_params(), key));
    }
    let key = KeyPair::generate()?;
    fs::write(certificate_file, authority_params().self_signed(&key)?.pem())?;
    write_private(key_file, &key.serialize_pem())?;
    Ok(Issuer::new(authority_params(), key))
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "MaintainPro local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid_for(&mut params, AUTHORITY_DAYS);
    params
}

fn machine_params(host: &str, address: IpAddr) -> Result<CertificateParams> {
    let names = [host.to_owned(), address.to_string(), "localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name.push(DnType::CommonName, host);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    valid_for(&mut params, MACHINE_DAYS);
    Ok(params)
}

fn valid_for(params: &mut CertificateParams, days: i64) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::DAY;
    params.not_after = now + Duration::days(days);
}

fn write_private(file: &Path, text: &str) -> Result<()> {
    let mut open = fs::OpenOptions::new();
    let mut file = open.write(true).create(true).truncate(true).mode(0o600).open(file)?;
    Ok(file.write_all(text.as_bytes())?)
}
