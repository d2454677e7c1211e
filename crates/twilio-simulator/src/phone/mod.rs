//! Calls and messages as Twilio delivers them.
//!
//! An [`Exchange`] takes an [`InboundCall`] or an [`InboundMessage`] and does what Twilio does about it: asks the
//! number's URL with a signed request, follows the TwiML that comes back, opens media streams to voice servers,
//! asks `action` URLs, and tells of the states. It knows nothing of accounts and numbers but what stands in the
//! order, so that everybody who wants a call can have one: the simulator's control interface, the command line,
//! tests. What happened is in a [`Transcript`].

pub mod audio;
mod call;
mod delivery;
mod exchange;
mod fields;
mod message;
mod network;
mod sids;
mod stream;
mod transcript;
mod twiml;
mod webhook;
mod wire;

pub use call::{
    CallChanges, CallControl, CallReport, Caller, DialOutcome, Extent, HangUp, InboundCall, Input,
    KeyPress, Pace,
};
pub use delivery::{Detour, Fault, FaultOrder};
pub use exchange::Exchange;
pub use fields::CallStatus;
pub use message::{InboundMessage, MessageReport, Reply};
pub use network::NetworkError;
pub use sids::Sids;
pub use stream::{EndedBy, StreamReport};
pub use transcript::{Alert, Entry, Event, Level, Purpose, Request, Transcript};
pub use webhook::{Method, Signer, Webhook};
