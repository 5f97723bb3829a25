//! What travels through the proxy, piece by piece: the head of an HTTP message, then, on a WebSocket, whole frames.

/// A WebSocket frame's header is two bytes, up to eight of length, up to four of mask.
const SHORT_HEADER: usize = 2;
const MASK: usize = 4;

/// Cuts one direction of a connection into pieces.
#[derive(Debug, Default)]
pub struct Wire {
    /// What has arrived and was not taken yet.
    pub arrived: Vec<u8>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Until the empty line after the headers.
    #[default]
    Head,
    /// Plain HTTP for the rest of the connection.
    Plain,
    /// Frames for the rest of the connection.
    Frames,
}

/// A piece.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Something of HTTP.
    Text(Vec<u8>),
    /// A whole frame.
    Frame(Vec<u8>),
}

impl Wire {
    /// The next piece, if it has arrived whole.
    pub fn take(&mut self) -> Option<Piece> {
        match self.phase {
            Phase::Head => {
                let end = self.arrived.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
                let head = self.split(end);
                let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
                let is_socket = text.contains("upgrade: websocket");
                self.phase = if is_socket { Phase::Frames } else { Phase::Plain };
                Some(Piece::Text(head))
            }
            Phase::Plain if self.arrived.is_empty() => None,
            Phase::Plain => Some(Piece::Text(std::mem::take(&mut self.arrived))),
            Phase::Frames => {
                let length = frame_length(&self.arrived).filter(|length| *length <= self.arrived.len())?;
                Some(Piece::Frame(self.split(length)))
            }
        }
    }

    fn split(&mut self, at: usize) -> Vec<u8> {
        let rest = self.arrived.split_off(at);
        std::mem::replace(&mut self.arrived, rest)
    }
}

/// How long the frame is that begins here, header and all (RFC 6455, section 5.2).
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let second = *bytes.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { MASK };
    let (length_bytes, payload) = match second & 0x7f {
        126 => (2, number(bytes.get(SHORT_HEADER..SHORT_HEADER + 2)?)),
        127 => (8, number(bytes.get(SHORT_HEADER..SHORT_HEADER + 8)?)),
        short => (0, usize::from(short)),
    };
    Some(SHORT_HEADER + length_bytes + mask + payload)
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"GET /sync HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";

    fn frame(payload: usize) -> Vec<u8> {
        let header = match payload {
            0..126 => vec![0x82, 0x80 | payload as u8],
            126..=0xffff => vec![0x82, 0x80 | 126, (payload >> 8) as u8, payload as u8],
            _ => {
                let mut header = vec![0x82, 0x80 | 127];
                header.extend((payload as u64).to_be_bytes());
                header
            }
        };
        [header, vec![7; MASK + payload]].concat()
    }

    #[test]
    fn frames_of_every_length_come_out_whole_however_they_arrive() {
        let frames: Vec<Vec<u8>> = [0, 1, 125, 126, 127, 0xffff, 0x1_0000].map(frame).to_vec();
        let stream = [HEAD.to_vec(), frames.concat()].concat();
        for step in [1, 3, 1_000, stream.len()] {
            let mut wire = Wire::default();
            let mut pieces = Vec::new();
            for some in stream.chunks(step) {
                wire.arrived.extend(some);
                pieces.extend(std::iter::from_fn(|| wire.take()));
            }
            let expected: Vec<Piece> = std::iter::once(Piece::Text(HEAD.to_vec()))
                .chain(frames.iter().cloned().map(Piece::Frame))
                .collect();
            assert!(pieces == expected, "in steps of {step}");
        }
    }

    #[test]
    fn plain_http_has_no_frames() {
        let mut wire = Wire::default();
        wire.arrived.extend(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}");
        assert!(matches!(wire.take(), Some(Piece::Text(head)) if head.ends_with(b"\r\n\r\n")));
        assert_eq!(wire.take(), Some(Piece::Text(b"{}".to_vec())));
        assert_eq!(wire.take(), None);
    }
}
