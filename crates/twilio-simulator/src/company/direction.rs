//! Who starts a call or a message.

use serde::Serialize;

/// Who started a call or a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Somebody outside.
    Inbound,
    /// A request to the REST API.
    OutboundApi,
    /// TwiML that answered a message.
    OutboundReply,
}
