//! Calls and messages as Twilio delivers them.
//!
//! A [`PhoneNetwork`] takes an [`InboundCall`] or an [`InboundMessage`] and does what Twilio does: it calls the
//! webhook with a signed request, executes the TwiML in the response, opens media streams to voice servers, and calls
//! `action` URLs and status callbacks. It depends only on the given call or message, not on accounts, so the control
//! interface, the command line and tests can all use it. What happened is recorded in a [`Transcript`].

pub mod audio;
mod call;
mod connection;
mod delivery;
mod fields;
mod message;
mod phone_network;
mod sids;
mod stream;
mod transcript;
mod transport;
mod twiml;
mod webhook;

pub use call::{
    CallChanges, CallControl, CallReport, Caller, DialOutcome, Extent, HangUp, InboundCall, Input,
    KeyPress, Pace,
};
pub use delivery::{Fault, InjectedFault, UrlOverride};
pub use fields::CallStatus;
pub(crate) use fields::delivery_fields;
pub use message::{InboundMessage, MessageReport, Reply};
pub use phone_network::PhoneNetwork;
pub use sids::Sids;
pub use stream::{EndedBy, StreamReport};
pub use transcript::{Alert, Entry, Event, Level, Purpose, Request, Transcript};
pub use transport::TransportError;
pub use webhook::{Method, Signer, Webhook};
