//! An address as a QR code, for a page to draw.

use std::fmt::Write;

use anyhow::Context;
use fast_qr::QRBuilder;

/// A path of an SVG in which each module is one by one, and how many there are in a row.
pub(super) fn path(address: &str) -> anyhow::Result<(String, u32)> {
    let code = QRBuilder::new(address).build().context("no QR code for this address")?;
    let mut path = String::new();
    for row in 0..code.size {
        for column in (0..code.size).filter(|column| code[row][*column].value()) {
            write!(path, "M{column} {row}h1v1h-1z")?;
        }
    }
    Ok((path, u32::try_from(code.size)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_corners() {
        let (path, size) = path("otpauth://totp/x?secret=AAAA").unwrap();
        assert!(size >= 21 && path.starts_with("M0 0h1v1h-1zM1 0h1v1h-1z"), "{size}: {path}");
        assert!(path.contains(&format!("M{} 0h", size - 1)) && path.contains(&format!("M0 {}h", size - 1)));
    }
}
