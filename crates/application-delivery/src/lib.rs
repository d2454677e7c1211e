//! The use cases that deliver messages: [`DeliveryWorker`] delivers inbound messages to the endpoints of agents and sends
//! outgoing messages at the carrier; [`SendMessage`] accepts messages that answer none; [`FetchMedia`] reads files of
//! messages for agents; [`ReplayDeliveries`] attempts dead deliveries again; [`WebhookSecrets`] creates the secrets that
//! sign deliveries.
#![warn(missing_docs)]

mod accept_replies;
mod agent_delivery;
mod chat_delivery;
mod chat_keys;
mod fetch_media;
mod in_flight;
mod loop_breaker;
mod media;
mod refused;
mod replay;
mod reply_addresses;
mod send_message;
mod sending;
mod target_limits;
mod webhook_secrets;
mod worker;

pub use accept_replies::{AcceptReplies, LateReply, ReplyRefused};
pub use agent_delivery::{AgentDelivery, Endpoints};
pub use chat_delivery::ChatDelivery;
pub use chat_keys::{ChatKeyError, ChatKeys};
pub use fetch_media::{FetchMedia, MediaReads, MediaRefused};
pub use loop_breaker::LoopBreaker;
pub use replay::{ReplayDeliveries, ReplayError, ReplayImpact, ReplaySelection};
pub use reply_addresses::ReplyAddresses;
pub use send_message::{AcceptedMessage, NewMessage, SendError, SendMessage};
pub use sending::Sending;
pub use webhook_secrets::{SecretError, WebhookSecrets};
pub use worker::{DeliveryWorker, WorkerParts};
