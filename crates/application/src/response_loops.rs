//! Stops a conversation in which a program answers the response that it gets each time.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::delivery::{ConversationKey, Loop, STOPPED_FOR, addresses_of_contact};
use switchboard_domain::identifier::{AgentId, ConversationId, OrganizationId};
use switchboard_domain::message::{InboundMessage, MessageRecord};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConversationStore, MessageStore, StoreError};
use switchboard_domain::time::Timestamp;

use crate::conversation_ids::ConversationIds;

/// The messages that are looked at.
const TURNS: u32 = 20;
/// No loop has fewer messages of the contact.
const FEWEST: usize = 5;
/// Older messages continue no loop, and have stopped no conversation that is still stopped.
const RECENT: Duration = Duration::from_secs(STOPPED_FOR.as_secs() + 600);

/// Knows whether a response continues a loop. The worker does the same for the endpoints of agents.
pub struct ResponseLoops {
    /// The stored messages.
    pub messages: Arc<dyn MessageStore>,
    /// The stored conversations, which are stopped.
    pub conversations: Arc<dyn ConversationStore>,
}

impl ResponseLoops {
    /// Whether the message must not be answered with this text of an agent, because its conversation is stopped, or is
    /// stopped now. Only messages for the same agent got the same text.
    pub(crate) async fn is_stopped(
        &self,
        ids: &ConversationIds,
        organization: &OrganizationId,
        inbound: &InboundMessage,
        (agent, answer): (Option<&AgentId>, &str),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (contact, ours) =
            (addresses_of_contact(&inbound.from), addresses_of_contact(&inbound.to));
        let mut earlier =
            self.messages.latest_of_contact(organization, &contact, &ours, TURNS).await?;
        let seconds = i64::try_from(RECENT.as_secs()).unwrap_or(i64::MAX);
        earlier.retain(|record| {
            record.message != inbound.message
                && record.agent.as_ref() == agent
                && record.first_seen_at.plus_seconds(seconds) >= now
        });
        if earlier.len() + 1 < FEWEST {
            return Ok(false);
        }
        let key = ConversationKey::new(&inbound.to, &inbound.from);
        let conversation = ids.find(organization, key, now).await?;
        let scope = Scope::Organization(organization.clone());
        let found = self.conversations.find(&scope, &conversation).await?;
        if found.and_then(|found| found.stopped_until).is_some_and(|until| until > now) {
            return Ok(true);
        }
        let Some(found) = find(&earlier, inbound, answer, now) else { return Ok(false) };
        self.stop(&scope, &conversation, found, now).await?;
        Ok(true)
    }

    async fn stop(
        &self,
        scope: &Scope,
        conversation: &ConversationId,
        found: Loop,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let seconds = i64::try_from(STOPPED_FOR.as_secs()).unwrap_or(i64::MAX);
        self.conversations.stop(scope, conversation, now.plus_seconds(seconds)).await?;
        metrics::counter!("switchboard_loops_stopped_total").increment(1);
        tracing::warn!(
            conversation.id = %conversation,
            what = found.what(),
            "two programs answer each other; the conversation is stopped for an hour"
        );
        Ok(())
    }
}

fn find(
    earlier: &[MessageRecord],
    inbound: &InboundMessage,
    answer: &str,
    now: Timestamp,
) -> Option<Loop> {
    let turn = |record: &'_ MessageRecord| {
        Some((record.first_seen_at, record.body.as_ref()?.as_str().to_owned()))
    };
    let earlier: Vec<_> = earlier.iter().filter_map(turn).collect();
    let received = earlier.iter().map(|(at, body)| (*at, body.as_str()));
    let received: Vec<_> = received.chain([(now, inbound.body.as_str())]).collect();
    Loop::find_answered(&received, answer)
}
