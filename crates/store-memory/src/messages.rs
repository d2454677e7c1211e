//! Messages.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::event::{Event, event_of_progress, event_of_received};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::message::Direction;
use switchboard_domain::message::{MessageRecord, NewDelivery, ReceivedMessage};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Conversation, Insertion, MessageStore, Page, StoreError};
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::status::{MessageProgress, MessageStatus};

use crate::MemoryStore;
use crate::message_records::{advance, merge};
use crate::pages::page_of;

#[async_trait]
impl MessageStore for MemoryStore {
    async fn insert_once(&self, message: &ReceivedMessage) -> Result<Insertion, StoreError> {
        let received = record_of_received(message);
        let mut state = self.enter("message.insert").await?;
        let key = (received.account, received.message);
        match state.messages.entry(key) {
            Entry::Vacant(place) => {
                place.insert(received);
            }
            // Only a message that was received has a body; of another one just the status was reported.
            Entry::Occupied(place) if place.get().body.is_some() => {
                return Ok(Insertion::Duplicate);
            }
            Entry::Occupied(mut place) => {
                let reported = place.insert(received);
                advance(place.get_mut(), &reported);
            }
        }
        state.message_verified_by.insert(key, (message.verified_by, message.received_at));
        let is_stored = |new: &NewDelivery| {
            state.conversations.values().any(|known| known.id == new.conversation)
        };
        // A conversation that the message joins may have been erased.
        let beginning = match &message.delivery {
            Some(new) if !is_stored(new) => {
                Conversation::begun_by(&message.beginning_conversation())
            }
            Some(_) | None => None,
        };
        let message = match beginning {
            Some(new) => &message.in_conversation(state.find_or_add(&new)),
            None => message,
        };
        state.deliveries.add_message(message);
        state.add_events([event_of_received(message)]);
        Ok(Insertion::Inserted)
    }

    async fn progress(&self, progress: &MessageProgress) -> Result<(), StoreError> {
        let reported = record_of_progress(progress);
        let key = (reported.account, reported.message);
        let state = &mut *self.enter("message.progress").await?;
        merge(&mut state.messages, reported);
        if let (Some(kept), Some(event)) = (state.messages.get(&key), event_of_progress(progress)) {
            // The message may have been erased.
            let (from, to) = (kept.from.clone(), kept.to.clone());
            state.add_events([Event { from, to, ..event }]);
        }
        Ok(())
    }

    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let state = self.enter("message.find").await?;
        Ok(state
            .messages
            .get(&(account, message))
            .filter(|record| scope.covers(&record.organization))
            .cloned())
    }

    async fn latest_of_contact(
        &self,
        organization: &OrganizationId,
        contact: &[Address],
        ours: &[Address],
        limit: u32,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let is_one_of = |address: &Option<Address>, of: &[Address]| {
            address.as_ref().is_some_and(|address| of.contains(address))
        };
        let state = self.enter("message.latest").await?;
        let sent = state.messages.values().filter(|record| {
            record.organization == *organization
                && record.body.is_some()
                && is_one_of(&record.from, contact)
                && is_one_of(&record.to, ours)
        });
        let mut latest: Vec<_> = sent.cloned().collect();
        latest.sort_by_key(|record| (record.first_seen_at, record.account, record.message));
        let surplus = latest.len().saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
        latest.drain(..surplus);
        Ok(latest)
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, MessageSid)>,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        Ok(page_of(&self.enter("message.list").await?.messages, page, |record| {
            scope.covers(&record.organization)
        }))
    }
}

fn record_of_received(message: &ReceivedMessage) -> MessageRecord {
    MessageRecord {
        account: message.account,
        message: message.inbound.message,
        organization: message.organization.clone(),
        direction: Direction::Inbound,
        from: Some(message.inbound.from.clone()),
        to: Some(message.inbound.to.clone()),
        body: Some(message.inbound.body.clone()),
        parameters: Some(message.parameters.clone()),
        agent: message.agent.clone(),
        rule: message.rule.clone(),
        reason: Some(message.reason),
        verified_by: Some(message.verified_by),
        status: MessageStatus::Received,
        error_code: None,
        first_seen_at: message.received_at,
    }
}

fn record_of_progress(progress: &MessageProgress) -> MessageRecord {
    MessageRecord {
        account: progress.account,
        message: progress.message,
        organization: progress.organization.clone(),
        direction: Direction::Outbound,
        from: progress.from.clone(),
        to: progress.to.clone(),
        body: None,
        parameters: None,
        agent: None,
        rule: None,
        reason: None,
        verified_by: None,
        status: progress.status,
        error_code: progress.error_code,
        first_seen_at: progress.at,
    }
}
