//! Erasure of contacts.

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::agent::Label;
use switchboard_domain::delivery::{ConversationKey, DeliveryItem, DeliveryState, OutgoingContent};
use switchboard_domain::erasure::{Contact, ErasureCounts, Mention};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::message::Body;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::CallerFacts;
use switchboard_domain::ports::{Change, ErasureStore, StoreError};

use crate::MemoryStore;
use crate::delivery_queues::DeliveryQueues;
use crate::state::State;

type ListKey = (OrganizationId, Label);

impl DeliveryQueues {
    /// Counts the outgoing messages to a contact.
    fn count(&self, scope: &Scope, contact: &Contact) -> u64 {
        let is_sent = |item: &DeliveryItem| match item {
            DeliveryItem::Outgoing(outgoing) => contact.is_known_by(&outgoing.to),
            _ => false,
        };
        let covered = self.all.iter().map(|stored| &stored.delivery);
        let covered = covered.filter(|delivery| scope.covers(&delivery.organization));
        covered.filter(|delivery| is_sent(&delivery.item)).count() as u64
    }

    /// Erases a contact from outgoing messages, which are not sent any more, and returns their number.
    fn erase(&mut self, scope: &Scope, contact: &Contact) -> u64 {
        let mut erased = 0;
        for stored in &mut self.all {
            if !scope.covers(&stored.delivery.organization) {
                continue;
            }
            let DeliveryItem::Outgoing(outgoing) = &mut stored.delivery.item else { continue };
            if !contact.is_known_by(&outgoing.to) {
                continue;
            }
            erased += 1;
            outgoing.to = Address::Erased;
            outgoing.content = OutgoingContent::of_text("");
            if !stored.delivery.state.is_final() {
                stored.delivery.state = DeliveryState::Canceled;
            }
        }
        erased
    }
}

#[async_trait]
impl ErasureStore for MemoryStore {
    async fn sip_addresses(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<Vec<Address>, StoreError> {
        let state = self.enter("erasure.sip_addresses").await?;
        let calls = state.calls.values().map(|call| (&call.organization, [&call.from, &call.to]));
        let messages = state
            .messages
            .values()
            .map(|message| (&message.organization, [&message.from, &message.to]));
        let covered = calls.chain(messages).filter(|(owner, _)| scope.covers(owner));
        let addresses = covered.flat_map(|(_, sides)| sides).flatten();
        Ok(addresses.filter(|address| contact.is_sip_of_number(address)).cloned().collect())
    }

    async fn linked_addresses(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<Vec<Address>, StoreError> {
        let state = self.enter("erasure.linked_addresses").await?;
        let texts = contact.texts();
        let linked = state.contact_links.iter().filter(|((owner, user), (number, _))| {
            scope.covers(owner) && (texts.contains(user) || contact.numbers().contains(number))
        });
        let both = linked.flat_map(|((_, user), (number, _))| {
            [Address::parse_stored(user).ok(), Some(Address::WhatsApp(*number))]
        });
        Ok(both.flatten().collect())
    }

    async fn count_contact(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<ErasureCounts, StoreError> {
        let state = self.enter("erasure.count").await?;
        let calls = state.calls.values().filter(|call| {
            scope.covers(&call.organization) && is_party(contact, [&call.from, &call.to])
        });
        let messages = state.messages.values().filter(|message| {
            scope.covers(&message.organization) && is_party(contact, [&message.from, &message.to])
        });
        Ok(ErasureCounts {
            calls: calls.count() as u64,
            messages: messages.count() as u64,
            deliveries: state.deliveries.count(scope, contact),
            conversations: {
                let texts = contact.texts();
                let is_with = |(owner, key): &&(OrganizationId, ConversationKey)| {
                    scope.covers(owner) && texts.iter().any(|text| text == key.contact())
                };
                state.conversations.keys().filter(is_with).count() as u64
            },
            list_entries: lists(&state, scope, contact).0.len() as u64,
        })
    }

    async fn mentions(&self, scope: &Scope, contact: &Contact) -> Result<Vec<Mention>, StoreError> {
        let state = self.enter("erasure.mentions").await?;
        let only_entries = lists(&state, scope, contact).1.into_iter();
        let lists =
            only_entries.map(|(organization, list)| Mention::OnlyEntry { organization, list });
        let quoted: Vec<_> = contact.texts().iter().map(|text| format!("\"{text}\"")).collect();
        let plans = state.plans.values().flatten().filter(|plan| {
            scope.covers(&plan.organization)
                && quoted.iter().any(|text| plan.document.contains(text))
        });
        let plans = plans.map(|plan| Mention::Plan {
            organization: plan.organization.clone(),
            plan: plan.name.clone(),
            version: plan.version,
        });
        let mut mentions: Vec<_> = lists.chain(plans).collect();
        mentions.sort();
        Ok(mentions)
    }

    async fn erase_contact(
        &self,
        scope: &Scope,
        contact: &Contact,
        limit: u32,
    ) -> Result<ErasureCounts, StoreError> {
        let mut state = self.enter("erasure.erase").await?;
        let mut counts = ErasureCounts::default();
        let calls = state.calls.values_mut().filter(|call| {
            scope.covers(&call.organization) && is_party(contact, [&call.from, &call.to])
        });
        for call in calls.take(limit as usize) {
            erase(contact, [&mut call.from, &mut call.to]);
            call.facts = Some(CallerFacts::default());
            counts.calls += 1;
        }
        let messages = state.messages.values_mut().filter(|message| {
            scope.covers(&message.organization) && is_party(contact, [&message.from, &message.to])
        });
        for message in messages.take(limit as usize) {
            erase(contact, [&mut message.from, &mut message.to]);
            if message.body.is_some() {
                message.body = Some(Body::new(""));
                message.parameters = Some(Body::new(""));
            }
            counts.messages += 1;
        }
        counts.deliveries = state.deliveries.erase(scope, contact);
        state.events.erase(scope, contact);
        let texts = contact.texts();
        state.contact_links.retain(|(owner, user), (number, _)| {
            !scope.covers(owner) || !(texts.contains(user) || contact.numbers().contains(number))
        });
        let before = state.conversations.len();
        state.conversations.retain(|(owner, key), _| {
            !scope.covers(owner) || !texts.iter().any(|text| text == key.contact())
        });
        counts.conversations = (before - state.conversations.len()) as u64;
        let (lists, _) = lists(&state, scope, contact);
        for key in &lists {
            if let Some(numbers) = state.lists.get_mut(key) {
                numbers.retain(|number| !contact.numbers().contains(number));
                counts.list_entries += 1;
            }
        }
        if !lists.is_empty() {
            state.changes.record(Change::Everything);
        }
        Ok(counts)
    }

    async fn overwrite_erased(&self) -> Result<(), StoreError> {
        self.enter("erasure.overwrite").await.map(drop)
    }
}

fn is_party(contact: &Contact, sides: [&Option<Address>; 2]) -> bool {
    sides.into_iter().flatten().any(|address| contact.is_known_by(address))
}

fn erase(contact: &Contact, sides: [&mut Option<Address>; 2]) {
    for address in sides.into_iter().flatten() {
        if contact.is_known_by(address) {
            *address = Address::Erased;
        }
    }
}

/// The lists that have the contact beside others, and those that have no other number.
fn lists(state: &State, scope: &Scope, contact: &Contact) -> (Vec<ListKey>, Vec<ListKey>) {
    let is_contact = |number| contact.numbers().contains(number);
    let named = state
        .lists
        .iter()
        .filter(|((owner, _), numbers)| scope.covers(owner) && numbers.iter().any(is_contact));
    let (others, only): (Vec<_>, Vec<_>) =
        named.partition(|(_, numbers)| numbers.iter().any(|number| !is_contact(number)));
    let keys = |lists: Vec<(&ListKey, _)>| lists.into_iter().map(|(key, _)| key.clone()).collect();
    (keys(others), keys(only))
}
