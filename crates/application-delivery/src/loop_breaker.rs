//! Stops a conversation in which two programs answer each other.

use std::sync::Arc;

use switchboard_domain::delivery::{
    Delivery, DeliveryItem, DeliveryState, Loop, STOPPED_FOR, Turn,
};
use switchboard_domain::message::{Direction, MessageRecord};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Clock, ConversationStore, DeliveryHistory, StoreError};
use switchboard_domain::thread::{MAX_ENTRIES, Thread};

/// Knows which conversations are stopped, and stops others.
#[derive(Clone)]
pub struct LoopBreaker {
    /// The stored conversations.
    pub conversations: Arc<dyn ConversationStore>,
    /// The outgoing messages of conversations.
    pub deliveries: Arc<dyn DeliveryHistory>,
    /// The time until which a conversation is stopped.
    pub clock: Arc<dyn Clock>,
}

impl LoopBreaker {
    /// Whether the conversation of a delivery is stopped now.
    pub(crate) async fn is_stopped(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        let Some(conversation) = delivery.conversation() else { return Ok(false) };
        let scope = Scope::Organization(delivery.organization.clone());
        let found = self.conversations.find(&scope, conversation).await?;
        let until = found.and_then(|conversation| conversation.stopped_until);
        Ok(until.is_some_and(|until| until > self.clock.now()))
    }

    /// The latest outgoing messages of a conversation, oldest first.
    pub(crate) async fn latest_sent(
        &self,
        delivery: &Delivery,
    ) -> Result<Vec<Delivery>, StoreError> {
        let Some(conversation) = delivery.conversation() else { return Ok(Vec::new()) };
        let scope = Scope::Organization(delivery.organization.clone());
        self.deliveries.latest_outgoing(&scope, conversation, MAX_ENTRIES).await
    }

    /// Stops the conversation if this message continues a loop. `thread` is the conversation until then.
    pub(crate) async fn stop_loop(
        &self,
        delivery: &Delivery,
        message: &MessageRecord,
        thread: &Thread,
    ) -> Result<Option<Loop>, StoreError> {
        let Some(conversation) = delivery.conversation() else { return Ok(None) };
        let scope = Scope::Organization(delivery.organization.clone());
        let Some(found) = find(message, thread) else { return Ok(None) };
        let seconds = i64::try_from(STOPPED_FOR.as_secs()).unwrap_or(i64::MAX);
        let until = self.clock.now().plus_seconds(seconds);
        self.conversations.stop(&scope, conversation, until).await?;
        metrics::counter!("switchboard_loops_stopped_total").increment(1);
        tracing::warn!(
            conversation.id = %conversation,
            what = found.what(),
            "two programs answer each other; the conversation is stopped for an hour"
        );
        Ok(Some(found))
    }
}

/// Finds a loop among the messages of both directions until this one.
fn find(message: &MessageRecord, thread: &Thread) -> Option<Loop> {
    let received = thread.received.iter().filter(|other| other.message != message.message);
    let received = received.filter(|other| other.first_seen_at <= message.first_seen_at);
    let mut turns: Vec<_> = received.chain([message]).filter_map(of_contact).collect();
    let sent = thread.sent.iter().filter_map(of_us);
    // Of a queue that waited, the answers are younger than the messages that still wait.
    turns.extend(sent.filter(|turn| turn.at <= message.first_seen_at));
    turns.sort_by_key(|turn| turn.at);
    Loop::find(&turns)
}

fn of_contact(message: &MessageRecord) -> Option<Turn<'_>> {
    let body = message.body.as_ref()?.as_str();
    Some(Turn { direction: Direction::Inbound, at: message.first_seen_at, body })
}

/// A message that the contact got, or may get.
fn of_us(delivery: &Delivery) -> Option<Turn<'_>> {
    let DeliveryItem::Outgoing(outgoing) = &delivery.item else { return None };
    if matches!(delivery.state, DeliveryState::Dead | DeliveryState::Canceled) {
        return None;
    }
    let body = outgoing.content.body.as_str();
    Some(Turn { direction: Direction::Outbound, at: delivery.created_at, body })
}
