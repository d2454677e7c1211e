//! The direction of calls and messages.

use serde::Serialize;

/// Who initiated a call or a message (Twilio, Call and Message resources: `direction`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// An external caller or sender.
    Inbound,
    /// A request to the REST API.
    OutboundApi,
    /// TwiML in reply to a message.
    OutboundReply,
}
