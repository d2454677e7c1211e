//! The endpoints of agents, which receive messages, and those of subscriptions, which receive events.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Retry;
use crate::agent::Agent;
use crate::delivery::{InvalidReply, OutgoingContent};
use crate::event::Event;
use crate::identifier::{ConversationId, DeliveryId};
use crate::message::MessageRecord;
use crate::secret::Secret;
use crate::thread::Thread;
use crate::time::Timestamp;
use crate::web_address::WebUrl;

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Its number in the names of its parameters, `MediaUrl{N}` and `MediaContentType{N}`.
    pub n: usize,
    /// Where it can be read, for a limited time.
    pub url: WebUrl,
    /// Its media type, for example `image/jpeg`; empty if Twilio names none.
    pub content_type: String,
}

/// A message for the endpoint of an agent.
#[derive(Clone, Debug)]
pub struct EndpointMessage {
    /// The delivery; its id stays the same in every attempt.
    pub delivery: DeliveryId,
    /// When the attempt is made.
    pub at: Timestamp,
    /// The message that the endpoint gets.
    pub message: MessageRecord,
    /// The files of the message.
    pub media: Vec<Media>,
    /// The agent that receives it.
    pub agent: Arc<Agent>,
    /// The conversation that the message belongs to.
    pub conversation: ConversationId,
    /// The conversation until the message, and the replies so far.
    pub thread: Thread,
    /// Where a later reply is accepted.
    pub reply_url: WebUrl,
    /// Authorizes a later reply.
    pub reply_token: Secret,
}

/// Why an endpoint did not accept a message. No variant contains text of the endpoint.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// No connection was made, so nothing was sent.
    #[error("the endpoint cannot be reached")]
    Unreachable {
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The connection broke. The endpoint may have received the message.
    #[error("the connection to the endpoint broke")]
    Disconnected {
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The endpoint did not answer in time.
    #[error("the endpoint did not answer in time")]
    TimedOut,
    /// Nothing was sent, because a limit of this process is reached. It says nothing about the endpoint.
    #[error("too many requests are made at the same time, so nothing was sent")]
    AtLimit,
    /// The endpoint answered with a status other than 2xx.
    #[error("the endpoint answered {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The wait that it requests with `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The endpoint accepted the message, but its response is not a reply.
    #[error("the endpoint accepted the message, but its response {what}")]
    Invalid {
        /// What is wrong with the response.
        what: &'static str,
    },
    /// The address of the endpoint is not allowed.
    #[error("the address of the endpoint is not allowed: {what}")]
    AddressRefused {
        /// Why.
        what: &'static str,
    },
}

impl EndpointError {
    /// Whether another attempt can succeed. A message that the endpoint accepted is not delivered again.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Status { status: 410, .. } | Self::Invalid { .. } => Retry::Never,
            Self::Unreachable { .. }
            | Self::Disconnected { .. }
            | Self::TimedOut
            | Self::AtLimit
            | Self::AddressRefused { .. }
            | Self::Status { .. } => Retry::Later,
        }
    }
}

/// Reads the replies that endpoints write.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait ReplyCodec: Send + Sync {
    /// Reads the messages that reply to a message. An empty text replies nothing.
    fn read(&self, text: &[u8]) -> Result<Vec<OutgoingContent>, InvalidReply>;
}

/// Delivers events to the endpoints of subscriptions.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EventEndpoint: Send + Sync {
    /// Delivers an event at this time, signed by each of the secrets. The id of the event stays the same in every attempt.
    async fn deliver(
        &self,
        target: &WebUrl,
        secrets: &[Secret],
        event: &Event,
        at: Timestamp,
    ) -> Result<(), EndpointError>;
}

/// Delivers messages to the endpoints of agents.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageEndpoint: Send + Sync {
    /// Delivers a message, signed by each of the secrets, of which there are none for a message that may not be from
    /// Twilio, and returns the messages that reply to it.
    async fn deliver(
        &self,
        target: &WebUrl,
        secrets: &[Secret],
        message: &EndpointMessage,
    ) -> Result<Vec<OutgoingContent>, EndpointError>;
}
