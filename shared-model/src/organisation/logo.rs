//! The picture of an organisation. Only pictures made of pixels are taken, because nothing in them can run, and only by what they
//! hold: the first bytes say which format it is, and its own header how large it is.

use serde::{Deserialize, Serialize};

use crate::codes::codes;

/// Most bytes of the file: it travels to every device with the directory.
pub const MAX_LOGO_BYTES: usize = 256 * 1024;
/// Most pixels of a side.
pub const MAX_LOGO_SIDE: u32 = 2_048;

codes! {
    /// A format that a logo may have.
    LogoFormat {
        /// Portable Network Graphics.
        Png = "image/png",
        /// JPEG.
        Jpeg = "image/jpeg",
        /// WebP.
        WebP = "image/webp",
    }
}

/// What the file of a logo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logo {
    /// Its format.
    pub format: LogoFormat,
    /// Pixels from side to side.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoProblem {
    /// It has more than [`MAX_LOGO_BYTES`].
    TooLarge,
    /// It is none of [`LogoFormat`], or is damaged.
    Format,
    /// It has no pixels, or more than [`MAX_LOGO_SIDE`] on a side.
    Side,
}

impl Logo {
    /// Reads what the file says of itself.
    pub fn read(bytes: &[u8]) -> Result<Self, LogoProblem> {
        if bytes.len() > MAX_LOGO_BYTES {
            return Err(LogoProblem::TooLarge);
        }
        let found = png(bytes).map(|size| (LogoFormat::Png, size));
        let found = found.or_else(|| jpeg(bytes).map(|size| (LogoFormat::Jpeg, size)));
        let found = found.or_else(|| webp(bytes).map(|size| (LogoFormat::WebP, size)));
        let (format, (width, height)) = found.ok_or(LogoProblem::Format)?;
        if [width, height].iter().all(|side| (1..=MAX_LOGO_SIDE).contains(side)) {
            Ok(Self { format, width, height })
        } else {
            Err(LogoProblem::Side)
        }
    }
}

/// Width and height.
type Size = (u32, u32);

/// The signature, then the chunk `IHDR` (PNG, section 5.2 and 11.2.1).
fn png(bytes: &[u8]) -> Option<Size> {
    let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let number = |at: usize| header.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    Some((number(0)?, number(4)?))
}

/// Segment after segment, to the one that begins a frame (JPEG, ITU-T T.81, annex B).
fn jpeg(bytes: &[u8]) -> Option<Size> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let (&[0xff, marker], after) = rest.split_first_chunk::<2>()? else { return None };
        // Any number of these may stand before a marker.
        if marker == 0xff {
            rest = &rest[1..];
            continue;
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let segment = after.get(2..length)?;
        match marker {
            // A frame, of whatever coding; 0xc4, 0xc8 and 0xcc are tables.
            0xc0..=0xcf if ![0xc4, 0xc8, 0xcc].contains(&marker) => {
                let side = |at: usize| segment.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes);
                return Some((side(3)?.into(), side(1)?.into()));
            }
            // The picture begins without a frame, or ends.
            0xd9 | 0xda => return None,
            _ => rest = &after[length..],
        }
    }
}

/// A RIFF file whose first chunk says the size (WebP container, RFC 9649, section 2).
fn webp(bytes: &[u8]) -> Option<Size> {
    let chunk = bytes.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WEBP")?;
    let (kind, body) = (chunk.first_chunk::<4>()?, chunk.get(8..)?);
    let number = |at: usize, length: usize| {
        let bytes = body.get(at..at + length)?;
        Some(bytes.iter().rev().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)))
    };
    match kind {
        b"VP8 " if number(3, 3)? == 0x2a_019d => Some((number(6, 2)? & 0x3fff, number(8, 2)? & 0x3fff)),
        b"VP8L" if number(0, 1)? == 0x2f => {
            let sides = number(1, 4)?;
            Some(((sides & 0x3fff) + 1, (sides >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((number(4, 3)? + 1, number(7, 3)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x40\0\0\0\x50\x08\x06\0\0\0";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xdb\0\x03\0\
        \xff\xc2\0\x11\x08\0\x50\x01\x40\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
    const LOSSY: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x40\x01\x50\0\x02\0";
    const LOSSLESS: &[u8] = b"RIFF\x24\0\0\0WEBPVP8L\x18\0\0\0\x2f\x3f\xc1\x13\0\0";
    const EXTENDED: &[u8] = b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\x3f\x01\0\x4f\0\0";

    #[test]
    fn a_picture_says_itself_what_it_is() {
        let logo = |format| Ok(Logo { format, width: 320, height: 80 });
        assert_eq!(Logo::read(PNG), logo(LogoFormat::Png));
        assert_eq!(Logo::read(JPEG), logo(LogoFormat::Jpeg));
        for webp in [LOSSY, LOSSLESS, EXTENDED] {
            assert_eq!(Logo::read(webp), logo(LogoFormat::WebP));
        }
    }

    #[test]
    fn what_can_run_and_what_is_no_picture_is_not_taken() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let gif = b"GIF89a\x40\x01\x50\0\x80\0\0";
        for other in [&svg[..], gif, b"", b"<!doctype html>", b"%PDF-1.7", b"RIFF\0\0\0\0WAVEfmt "] {
            assert_eq!(Logo::read(other), Err(LogoProblem::Format));
        }
    }

    #[test]
    fn a_file_that_ends_anywhere_is_no_panic() {
        for picture in [PNG, JPEG, LOSSY, LOSSLESS, EXTENDED] {
            for end in 0..picture.len() {
                let _ = Logo::read(&picture[..end]);
            }
        }
        assert_eq!(Logo::read(b"\xff\xd8\xff\xe0\0\0"), Err(LogoProblem::Format), "a segment of no length");
        assert_eq!(Logo::read(b"\xff\xd8\xff\xda\0\x02"), Err(LogoProblem::Format), "a scan without a frame");
    }

    #[test]
    fn it_is_neither_too_large_nor_empty() {
        let mut wide = PNG.to_vec();
        wide[16..20].copy_from_slice(&(MAX_LOGO_SIDE + 1).to_be_bytes());
        assert_eq!(Logo::read(&wide), Err(LogoProblem::Side));
        wide[16..20].copy_from_slice(&0_u32.to_be_bytes());
        assert_eq!(Logo::read(&wide), Err(LogoProblem::Side));
        let mut long = PNG.to_vec();
        long.resize(MAX_LOGO_BYTES, 0);
        assert!(Logo::read(&long).is_ok());
        long.push(0);
        assert_eq!(Logo::read(&long), Err(LogoProblem::TooLarge));
    }
}
