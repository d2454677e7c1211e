//! Conversations.

use std::cmp::Reverse;

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::{ConversationId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    ContactLinkStore, Conversation, ConversationFilter, ConversationPlace, ConversationStore, Page,
    StoreError,
};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::delivery_queues::DeliveryQueues;

#[async_trait]
impl ConversationStore for MemoryStore {
    async fn find_or_add(&self, conversation: &Conversation) -> Result<ConversationId, StoreError> {
        let mut state = self.enter("conversation.find").await?;
        Ok(state.find_or_add(conversation))
    }

    async fn id_of(
        &self,
        organization: &OrganizationId,
        key: &ConversationKey,
    ) -> Result<Option<ConversationId>, StoreError> {
        let state = self.enter("conversation.find").await?;
        let known = state.conversations.get(&(organization.clone(), key.clone()));
        Ok(known.map(|known| known.id.clone()))
    }

    async fn stop(
        &self,
        scope: &Scope,
        id: &ConversationId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("conversation.stop").await?;
        let mut all = state.conversations.values_mut();
        let found = all.find(|one| one.id == *id && scope.covers(&one.organization));
        if let Some(found) = found {
            found.stopped_until = Some(until);
        }
        Ok(())
    }

    async fn find(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let state = self.enter("conversation.find_by_id").await?;
        let found = state.conversations.values().find(|conversation| conversation.id == *id);
        Ok(found.filter(|found| scope.covers(&found.organization)).cloned())
    }

    async fn newest(
        &self,
        scope: &Scope,
        filter: &ConversationFilter,
        page: &Page<ConversationPlace>,
    ) -> Result<Vec<Conversation>, StoreError> {
        let state = self.enter("conversation.newest").await?;
        let place = |one: &Conversation| (one.created_at, one.id.clone());
        let selected = state.conversations.values().filter(|one| {
            scope.covers(&one.organization)
                && selects(filter, one, &state.deliveries)
                && page.after.as_ref().is_none_or(|after| place(one) < *after)
        });
        let mut selected: Vec<_> = selected.cloned().collect();
        selected.sort_by_key(|one| Reverse(place(one)));
        selected.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
        Ok(selected)
    }
}

#[async_trait]
impl ContactLinkStore for MemoryStore {
    async fn link(
        &self,
        organization: &OrganizationId,
        user: &Address,
        number: PhoneNumber,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("contact_link.link").await?;
        let linked = state.contact_links.entry((organization.clone(), user.to_text()));
        let linked = linked.or_insert((number, at));
        if linked.1 > at {
            return Ok(());
        }
        *linked = (number, at);
        let user = user.to_text();
        let of_user = state.consents.values();
        let of_user = of_user
            .filter(|one| one.organization == *organization && one.key.contact() == user)
            .map(|consent| consent.of_number(number))
            .collect::<Vec<_>>();
        for consent in of_user {
            state.record_consent(&consent);
        }
        Ok(())
    }

    async fn number_of(
        &self,
        organization: &OrganizationId,
        user: &Address,
    ) -> Result<Option<PhoneNumber>, StoreError> {
        let state = self.enter("contact_link.number_of").await?;
        let linked = state.contact_links.get(&(organization.clone(), user.to_text()));
        Ok(linked.map(|(number, _)| *number))
    }
}

fn selects(
    filter: &ConversationFilter,
    conversation: &Conversation,
    deliveries: &DeliveryQueues,
) -> bool {
    let key = &conversation.key;
    filter.period.contains(conversation.created_at)
        && filter.sender.as_deref().is_none_or(|sender| sender == key.sender())
        && filter.contact.as_deref().is_none_or(|contact| contact == key.contact())
        && filter.agent.as_ref().is_none_or(|agent| {
            deliveries.any_of(&conversation.id, |delivery| delivery.agent.as_ref() == Some(agent))
        })
        && filter.account.is_none_or(|account| {
            deliveries.any_of(&conversation.id, |delivery| delivery.account == account)
        })
}
