//! What a device hands over that may not push any more: `POST /api/deposits`. The commands are held as they are until
//! somebody decides about them.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::identity::CommandId;
use crate::instant::Timestamp;
use crate::sync_protocol::PushedCommand;

/// Most commands of one deposit.
pub const MAX_DEPOSIT_COMMANDS: usize = 64;
/// The scheme of the `authorization` header that carries a device's deposit credential.
pub const DEPOSIT_SCHEME: &str = "Deposit";

/// Commands in the order they were made; the body, as CBOR.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Deposit {
    /// The commands.
    #[n(0)]
    pub commands: Vec<DepositedCommand>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DepositedCommand {
    /// As it would be pushed.
    #[n(0)]
    pub command: PushedCommand,
    /// When it was made, by the clock of the device.
    #[n(1)]
    pub made_at: Timestamp,
}

/// The answer, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deposited {
    /// The commands that are held now, or were already.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>))]
    pub held: Vec<CommandId>,
}
