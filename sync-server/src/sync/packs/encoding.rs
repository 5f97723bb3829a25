//! Compression of a pack, which browsers undo by themselves.

use std::io::{self, Write};

use axum::http::{HeaderMap, header};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

// Made anew for every request, so the server's time counts as much as bytes.
/// Smaller than brotli's 4 on rows, in a tenth of its time; higher levels are no smaller there.
const ZSTD_LEVEL: i32 = 1;
const BROTLI_QUALITY: i32 = 4;
/// 4 MiB: all of a pack.
const BROTLI_WINDOW: i32 = 22;
const GZIP_LEVEL: u32 = 4;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Zstd,
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The best that the request accepts.
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let accepted: Vec<&str> =
            values.flat_map(|value| value.split(',')).filter(|each| !is_refused(each)).map(name_of).collect();
        if accepted.contains(&"zstd") {
            Self::Zstd
        } else if accepted.contains(&"br") {
            Self::Brotli
        } else if accepted.contains(&"gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Zstd => Some("zstd"),
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    pub(super) fn compress(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd => zstd::bulk::compress(bytes, ZSTD_LEVEL),
            Self::Brotli => {
                let mut packed = Vec::with_capacity(bytes.len() / 8);
                let params = BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW,
                    size_hint: bytes.len(),
                    ..BrotliEncoderParams::default()
                };
                brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
                Ok(packed)
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Identity => Ok(bytes.to_vec()),
        }
    }
}

fn name_of(each: &str) -> &str {
    each.split(';').next().unwrap_or_default().trim()
}

fn is_refused(each: &str) -> bool {
    let quality = each.split(';').nth(1).and_then(|quality| quality.trim().strip_prefix("q="));
    quality.and_then(|quality| quality.parse::<f32>().ok()).is_some_and(|quality| quality <= 0.0)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_is_accepted_is_used_and_what_is_refused_is_not() {
        let cases = [
            ("gzip, deflate, br, zstd", Encoding::Zstd),
            ("gzip, deflate, br, zstd;q=0", Encoding::Brotli),
            ("gzip, deflate, br", Encoding::Brotli),
            ("gzip, deflate", Encoding::Gzip),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip),
            ("br;q=0.000, gzip; q=0", Encoding::Identity),
            ("*", Encoding::Identity),
            (";;,=", Encoding::Identity),
        ];
        for (text, encoding) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(text).unwrap());
            assert_eq!(Encoding::accepted(&headers), encoding, "{text}");
        }
        assert_eq!(Encoding::accepted(&HeaderMap::new()), Encoding::Identity);
    }
}
