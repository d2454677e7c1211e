//! Asks for the consent of contacts, and records its changes.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::consent::{Consent, ConsentState, KeywordMessage};
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::message::InboundMessage;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConsentStore, ContactLinkStore, MessageStore, StoreError};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

/// Knows which contacts want no messages.
#[derive(Clone)]
pub struct ConsentGate {
    /// The stored consent.
    pub consents: Arc<dyn ConsentStore>,
    /// The stored messages.
    pub messages: Arc<dyn MessageStore>,
    /// The numbers of contacts with a `WhatsApp` user id.
    pub contacts: Arc<dyn ContactLinkStore>,
}

/// A keyword that is obeyed.
pub(crate) struct Obeyed {
    /// The answer; `None` if there is none.
    pub(crate) answer: Option<&'static str>,
}

impl ConsentGate {
    /// The address by which a contact is known: that of the linked number instead of a `WhatsApp` user id.
    pub async fn known_as(
        &self,
        organization: &OrganizationId,
        contact: &Address,
    ) -> Result<Address, StoreError> {
        if !matches!(contact, Address::WhatsAppUser(_)) {
            return Ok(contact.clone());
        }
        let number = self.contacts.number_of(organization, contact).await?;
        Ok(number.map_or_else(|| contact.clone(), Address::WhatsApp))
    }

    /// Whether the contact has opted out of messages from this number or sender, by this address or by the one by which
    /// the contact is known: the later change stands. The store is asked each time, because another process may have stored the change.
    pub async fn is_opted_out(
        &self,
        organization: &OrganizationId,
        ours: &Address,
        contact: &Address,
    ) -> Result<bool, StoreError> {
        let known = self.known_as(organization, contact).await?;
        let other = (known != *contact).then_some(&known);
        let mut standing: Option<Consent> = None;
        for address in [Some(contact), other].into_iter().flatten() {
            let key = ConversationKey::new(ours, address);
            let consent = self.consents.find(organization, &key).await?;
            standing = match (standing, consent) {
                (Some(one), Some(other)) if one.supersedes(&other) => Some(one),
                (one, other) => other.or(one),
            };
        }
        Ok(standing.is_some_and(|consent| consent.state == ConsentState::OptedOut))
    }

    /// Records that Twilio refused a message because the contact has opted out.
    pub async fn refused_by_twilio(
        &self,
        organization: &OrganizationId,
        key: ConversationKey,
        account: AccountSid,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let consent = Consent {
            organization: organization.clone(),
            key,
            state: ConsentState::OptedOut,
            changed_at: now,
            account,
            message: None,
        };
        self.consents.record(&consent).await
    }

    /// Records the change that a keyword demands; `None` if the word is an ordinary message. A repeated message counts as
    /// of its first arrival, so that it does not undo a later change.
    pub(crate) async fn obey(
        &self,
        organization: &OrganizationId,
        account: AccountSid,
        inbound: &InboundMessage,
        word: KeywordMessage,
        now: Timestamp,
    ) -> Result<Option<Obeyed>, StoreError> {
        let key = ConversationKey::new(&inbound.to, &inbound.from);
        let before = self.consents.find(organization, &key).await?.map(|consent| consent.state);
        let Some(keyword) = word.keyword(before) else { return Ok(None) };
        if let Some(state) = keyword.state() {
            let scope = Scope::Organization(organization.clone());
            let stored = self.messages.find(&scope, account, inbound.message).await?;
            let changed_at = stored.map_or(now, |record| record.first_seen_at);
            let (organization, message) = (organization.clone(), Some(inbound.message));
            let consent = Consent { organization, key, state, changed_at, account, message };
            self.consents.record(&consent).await?;
        }
        Ok(Some(Obeyed { answer: word.answer(inbound.channel(), before) }))
    }
}
