//! The use cases that deliver messages and events: [`DeliveryWorker`] delivers inbound messages to the endpoints of agents, sends
//! outgoing messages at the carrier, and delivers events to subscribers, for whom [`EventDistributor`] makes the deliveries;
//! [`SendMessage`] accepts messages that answer none; [`FetchMedia`] reads files of messages for agents; [`ReplayDeliveries`]
//! attempts dead deliveries again; [`ConfigureAgent`] adds and changes agents with their limits and
//! secrets; [`WebhookSecrets`] creates the secrets of agents' endpoints; [`Subscriptions`] manages
//! subscriptions and their secrets.
#![warn(missing_docs)]
#![warn(clippy::wildcard_enum_match_arm)]

mod accept_replies;
mod agent_delivery;
mod chat_delivery;
mod chat_keys;
mod configure_agent;
mod event_delivery;
mod failed_attempt;
mod fetch_media;
mod in_flight;
mod loop_breaker;
mod media;
mod replay;
mod reply_addresses;
mod results;
mod running_attempt;
mod send_message;
mod sending;
mod signing_secrets;
mod subscriptions;
mod target_limits;
mod webhook_secrets;
mod worker;

pub use accept_replies::{AcceptReplies, LateReply, ReplyRefused};
pub use agent_delivery::{AgentDelivery, Endpoints};
pub use chat_delivery::ChatDelivery;
pub use chat_keys::{ChatKeyError, ChatKeys};
pub use configure_agent::{
    AgentConfiguration, AgentSecrets, ConfigureAgent, ConfigureError, ConfiguredAgent,
    ExpectedState, SecretSource,
};
pub use event_delivery::{EventDelivery, EventDistributor};
pub use fetch_media::{FetchMedia, MediaReads, MediaRefused};
pub use loop_breaker::LoopBreaker;
pub use replay::{ReplayDeliveries, ReplayError, ReplayImpact, ReplaySelection, UncertainMessages};
pub use reply_addresses::ReplyAddresses;
pub use send_message::{AcceptedMessage, NewMessage, SendError, SendMessage};
pub use sending::Sending;
pub use signing_secrets::SecretError;
pub use subscriptions::{SubscriptionChange, SubscriptionError, Subscriptions};
pub use webhook_secrets::WebhookSecrets;
pub use worker::{DeliveryWorker, WorkerParts};
