//! The directory on its way to one device.

use crate::sync_protocol::NodeEffect;

#[derive(Debug, Default)]
pub(super) struct DirectoryOut {
    /// The version the device has, once it has stored what was sent.
    sent: u64,
    /// The newest version heard of.
    heard: u64,
    reading: bool,
    heard_while_reading: bool,
    /// The rights are new to the device, whatever the version.
    owes_grants: bool,
}

impl DirectoryOut {
    pub(super) fn new(version: u64) -> Self {
        Self { sent: version, ..Self::default() }
    }

    pub(super) const fn sent(&self) -> u64 {
        self.sent
    }

    /// Looks for news, whatever was heard.
    pub(super) fn begin(&mut self, new_rights: bool, out: &mut Vec<NodeEffect>) {
        self.owes_grants = new_rights || self.sent == 0;
        self.read(out);
    }

    pub(super) fn heard(&mut self, version: u64) {
        self.heard = self.heard.max(version);
        self.heard_while_reading |= self.reading;
    }

    pub(super) fn read_on(&mut self, out: &mut Vec<NodeEffect>) {
        if self.heard > self.sent {
            self.read(out);
        }
    }

    /// The directory was read; is it news to the device?
    pub(super) fn arrived(&mut self, version: u64) -> bool {
        self.reading = false;
        // A version before the device's is one of a backup that was restored.
        let news = version != self.sent || self.owes_grants;
        self.sent = version;
        self.owes_grants = false;
        if !self.heard_while_reading {
            // Nothing newer can be read now; the next hint looks again.
            self.heard = self.sent;
        }
        news
    }

    fn read(&mut self, out: &mut Vec<NodeEffect>) {
        if !self.reading {
            self.reading = true;
            self.heard_while_reading = false;
            out.push(NodeEffect::ReadDirectory { since: self.sent });
        }
    }
}
