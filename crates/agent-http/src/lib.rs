//! HTTP requests to servers that belong to agents: decision services, which choose an agent, endpoints, which receive
//! messages, and health checks of voice servers.
//!
//! [`HttpDecisionService`], [`HttpMessageEndpoint`] and [`SocketVoiceProbe`] share one [`Network`]. Operators configure the URLs, so private
//! addresses are allowed. Redirects are not followed, because their targets are not configured by the operator.
#![warn(missing_docs)]

mod decision;
mod message;
mod network;
mod probe;
mod resolver;
mod signing_secret;

pub use decision::{HttpDecisionService, Limits, Secrets};
pub use message::{HttpMessageEndpoint, JsonReplies};
pub use network::{Network, NetworkError};
pub use probe::SocketVoiceProbe;
pub use signing_secret::{SecretLengthError, SigningSecret};
