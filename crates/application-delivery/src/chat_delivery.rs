//! Lets the chat model of an agent reply to a message.

use std::sync::Arc;

use switchboard_domain::agent::{Agent, ChatModel};
use switchboard_domain::causes::Causes;
use switchboard_domain::chat::{ChatMessage, chat_messages};
use switchboard_domain::delivery::{AttemptOutcome, Delivery, InvalidReply, OutgoingContent};
use switchboard_domain::message::{Body, MessageRecord};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    ChatClient, ChatModelStore, ChatRequest, Clock, EndpointError, Reservation, Retry,
};
use switchboard_domain::thread::{Thread, ThreadEntry};

use crate::chat_keys::{ChatKeyError, ChatKeys};
use crate::failed_attempt::FailedAttempt;
use crate::media::stored_media;

/// Asks the chat models of agents.
pub struct ChatDelivery {
    /// The chat models.
    pub client: Arc<dyn ChatClient>,
    /// Opens the key of the model that is asked.
    pub keys: ChatKeys,
    /// Limits the tokens of agents.
    pub usage: Arc<dyn ChatModelStore>,
    /// The day whose limit counts.
    pub clock: Arc<dyn Clock>,
}

impl From<ChatKeyError> for FailedAttempt {
    fn from(error: ChatKeyError) -> Self {
        match error {
            ChatKeyError::Store(error) => error.into(),
            ChatKeyError::Elsewhere | ChatKeyError::Seal(_) | ChatKeyError::Open(_) => {
                let detail =
                    "the key of the chat model is one for another URL, or cannot be decrypted";
                let cause = Some(Causes(&error).to_string());
                // Another process can have the encryption key.
                Self { cause, ..Self::later(AttemptOutcome::NoTarget, detail) }
            }
        }
    }
}

impl ChatDelivery {
    /// Makes one attempt and returns the replies. `thread` is the conversation until the message. Our replies in it
    /// include those that are not sent yet, so that the model does not answer an earlier message again.
    pub(crate) async fn reply(
        &self,
        delivery: &Delivery,
        agent: &Agent,
        chat: &ChatModel,
        message: &MessageRecord,
        thread: &Thread,
    ) -> Result<Vec<OutgoingContent>, FailedAttempt> {
        let scope = Scope::Organization(delivery.organization.clone());
        let key = self.keys.open(&scope, &agent.id, &chat.url).await?;
        let earlier = thread.latest().into_iter().filter_map(|entry| match entry {
            ThreadEntry::Received(message) => Some(of_contact(message)),
            ThreadEntry::Sent(_, outgoing) => ChatMessage::of_agent(outgoing.content.body.as_str()),
            ThreadEntry::Called(call) => Some(ChatMessage::of_call(call)),
        });
        let request = ChatRequest {
            organization: delivery.organization.clone(),
            model: chat.clone(),
            key,
            messages: chat_messages(&agent.prompt, earlier, of_contact(message)),
        };
        let day = self.clock.now().day();
        let (most, limit) = (chat.limits.reply.get(), chat.limits.daily.get());
        match self.usage.reserve(&agent.id, day, most, limit).await? {
            Reservation::Reserved => {}
            Reservation::Busy => {
                let detail = "running requests may use up the completion tokens of the day";
                return Err(FailedAttempt::later(AttemptOutcome::LimitReached, detail));
            }
            Reservation::UsedUp => {
                let detail = format!("{limit} completion tokens are used up until midnight UTC");
                return Err(FailedAttempt::never(AttemptOutcome::LimitReached, &detail));
            }
        }
        let answer = self.client.complete(&request).await;
        let used = match &answer {
            Ok(answer) => answer.completion_tokens.unwrap_or(most),
            Err(error) => used_by_failure(error, most),
        };
        // A reservation that is not settled counts until midnight.
        if let Err(error) = self.usage.settle(&agent.id, day, most, used).await {
            tracing::warn!(error = %Causes(&error), "the tokens of a completion are not counted");
        }
        let text = answer.map_err(failed)?.text;
        let text = text.map_err(|what| failed(EndpointError::Invalid { what }))?;
        OutgoingContent::of_reply(&text, Vec::new()).map_err(|error| {
            failed(EndpointError::Invalid { what: InvalidReply::Content(error).what() })
        })
    }
}

fn of_contact(message: &MessageRecord) -> ChatMessage {
    let text = message.body.as_ref().map(Body::as_str).unwrap_or_default();
    let files = stored_media(message);
    ChatMessage::of_contact(text, files.iter().map(|file| file.content_type.as_str()))
}

/// The tokens that a failed request may have used: none if it was refused or not sent, all if its answer did not arrive.
const fn used_by_failure(error: &EndpointError, most: u32) -> u32 {
    match error {
        EndpointError::Status { .. }
        | EndpointError::AddressRefused { .. }
        | EndpointError::AtLimit
        | EndpointError::Unreachable { .. } => 0,
        EndpointError::Disconnected { .. }
        | EndpointError::TimedOut
        | EndpointError::Invalid { .. } => most,
    }
}

/// A refused key stays refused, and the same request gets the same answer, unless the server is overloaded or fails.
fn failed(error: EndpointError) -> FailedAttempt {
    let status = match &error {
        EndpointError::Status { status, .. } => Some(*status),
        EndpointError::Unreachable { .. }
        | EndpointError::Disconnected { .. }
        | EndpointError::TimedOut
        | EndpointError::AtLimit
        | EndpointError::Invalid { .. }
        | EndpointError::AddressRefused { .. } => None,
    };
    let failed = FailedAttempt::from(error);
    match status {
        Some(401 | 403) => {
            FailedAttempt { outcome: AttemptOutcome::KeyRefused, retry: Retry::Never, ..failed }
        }
        Some(408 | 409 | 425 | 429 | 500..) | None => failed,
        Some(_) => FailedAttempt { retry: Retry::Never, ..failed },
    }
}
