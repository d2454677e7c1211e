//! What belongs to agents and is reached over the network: decision services, which choose among them, and voice
//! servers, which are or are not there.
//!
//! [`HttpDecisionService`] asks, [`SocketVoiceProbe`] looks. Both go out through one [`Network`]. Where they go is
//! the operator's own configuration, so private addresses are as good as public ones; no redirect is followed, so
//! that nobody else has a say in it.
#![warn(missing_docs)]

mod decision;
mod network;
mod probe;
mod resolver;

pub use decision::{HttpDecisionService, Limits, SecretLengthError, SigningSecret};
pub use network::{Network, NetworkError};
pub use probe::SocketVoiceProbe;
