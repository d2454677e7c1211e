//! HTTP requests to servers that belong to agents: decision services, which choose an agent, endpoints, which receive
//! messages, handlers, which answer calls, chat models, which reply to messages, and health checks of voice servers. Endpoints
//! of subscriptions receive events.
//!
//! [`HttpDecisionService`], [`HttpMessageEndpoint`], [`TwilioFormEndpoint`], [`TwilioFormHandler`] and [`SocketVoiceProbe`] share
//! one [`Network`]. Whoever configures an agent chooses the URLs, so each host is resolved once, addresses that are neither public nor in a listed network are
//! refused, and connections use the checked addresses. Redirects are not followed and proxies are not used, because both
//! would lead around the check.
#![warn(missing_docs)]

mod chat;
mod concurrency_limit;
mod decision;
mod event;
mod exchange;
mod message;
mod network;
mod probe;
mod resolver;
mod signing_secret;
mod twiml;
mod voice_handler;

pub use chat::HttpChatClient;
pub use concurrency_limit::Limits;
pub use decision::{HttpDecisionService, Secrets};
pub use event::HttpEventEndpoint;
pub use message::{HttpMessageEndpoint, JsonReplies, TwilioFormEndpoint};
pub use network::{Network, NetworkError};
pub use probe::SocketVoiceProbe;
pub use signing_secret::{SecretLengthError, SigningSecret};
pub use voice_handler::TwilioFormHandler;
