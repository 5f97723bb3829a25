//! The structural checks of the sync engine on bytes from outside, before Automerge sees them.
