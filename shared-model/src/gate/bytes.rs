//! Reading bytes that may be anything: every read is bounded, and a number has exactly one encoding.

use super::Refused;

/// A position in untrusted bytes.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) const fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Refused> {
        let (first, rest) = self.rest.split_first().ok_or(Refused::Length)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Refused> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Refused::Length)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Refused::Length)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// An unsigned LEB128 number in its shortest encoding.
    pub(super) fn unsigned(&mut self) -> Result<u64, Refused> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Refused::Malformed("number"));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 {
                    Err(Refused::NotCanonical("a number"))
                } else {
                    Ok(value)
                };
            }
        }
        Err(Refused::Malformed("number"))
    }

    /// A signed LEB128 number in its shortest encoding.
    pub(super) fn signed(&mut self) -> Result<i64, Refused> {
        let mut value = 0_i64;
        let mut previous = 0_u8;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 != 0 {
                previous = byte;
                continue;
            }
            if shift == 63 && byte != 0 && byte != 0x7f {
                return Err(Refused::Malformed("number"));
            }
            let sign = previous & 0x40 != 0;
            if shift > 0 && ((byte == 0 && !sign) || (byte == 0x7f && sign)) {
                return Err(Refused::NotCanonical("a number"));
            }
            if shift < 57 && byte & 0x40 != 0 {
                value |= -1 << (shift + 7);
            }
            return Ok(value);
        }
        Err(Refused::Malformed("number"))
    }

    /// An unsigned number that counts something in memory. What a processor of 32 bits cannot count is more than any limit
    /// and longer than anything there is, as on others.
    pub(super) fn count(&mut self) -> Result<usize, Refused> {
        Ok(usize::try_from(self.unsigned()?).unwrap_or(usize::MAX))
    }

    pub(super) fn string(&mut self) -> Result<&'a str, Refused> {
        let length = self.count()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Refused::Malformed("string"))
    }
}
