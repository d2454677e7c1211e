//! HTTP requests to servers that belong to agents: decision services, which choose an agent, and health checks of voice
//! servers.
//!
//! [`HttpDecisionService`] and [`SocketVoiceProbe`] share one [`Network`]. Operators configure the URLs, so private
//! addresses are allowed. Redirects are not followed, because their targets are not configured by the operator.
#![warn(missing_docs)]

mod decision;
mod network;
mod probe;
mod resolver;

pub use decision::{HttpDecisionService, Limits, SecretLengthError, Secrets, SigningSecret};
pub use network::{Network, NetworkError};
pub use probe::SocketVoiceProbe;
