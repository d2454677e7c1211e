//! Sends a message that answers none.

use std::sync::Arc;

use switchboard_application::{ConsentGate, ConversationIds};
use switchboard_application_management::find_sender;
use switchboard_domain::address::Address;
use switchboard_domain::delivery::{
    ConversationKey, Delivery, DeliveryItem, DeliveryState, IdempotencyKey, Outgoing,
    OutgoingContent, QueueOwner, SendProgress, SendState,
};
use switchboard_domain::identifier::{ConversationId, OrganizationId};
use switchboard_domain::number::Number;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Clock, Identifiers, Insertion, NumberStore, OutgoingStore, Retry, StoreError,
};

/// Why a message is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The sender has no phone number, or its number is not stored.
    #[error("the sender {} is not one of the numbers", from.masked())]
    SenderUnknown {
        /// The number or sender that the request named.
        from: Address,
    },
    /// Nobody can get a message at this address.
    #[error("{} cannot get messages", to.masked())]
    ContactUnreachable {
        /// The contact to whom the message was to go.
        to: Address,
    },
    /// The sender and the contact are on different channels.
    #[error("the sender is on {from}, but the contact is on {to}")]
    ChannelsDiffer {
        /// The channel of the sender.
        from: &'static str,
        /// The channel of the contact.
        to: &'static str,
    },
    /// The contact wants no messages from the sender.
    #[error("the contact has opted out of messages from this sender")]
    OptedOut,
    /// Another message has the idempotency key.
    #[error("the idempotency key was used for another message")]
    KeyUsed,
    /// The store failed, and nothing is sent.
    #[error("{doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The error of the store.
        source: StoreError,
    },
}

impl SendError {
    /// Whether the same message can be accepted later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store { source, .. } => source.retry(),
            Self::SenderUnknown { .. }
            | Self::ContactUnreachable { .. }
            | Self::ChannelsDiffer { .. }
            | Self::OptedOut
            | Self::KeyUsed => Retry::Never,
        }
    }
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// One of our numbers, on the channel of the contact.
    pub from: Address,
    /// The contact who gets the message.
    pub to: Address,
    /// Text and media.
    pub content: OutgoingContent,
    /// Distinguishes the message from a repeated request; `None` if the request is never repeated.
    pub key: Option<IdempotencyKey>,
}

/// What a request to send a message was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedMessage {
    /// The delivery of the message.
    pub delivery: Delivery,
    /// `Duplicate` if an earlier request had the same key, so that nothing was added.
    pub insertion: Insertion,
}

/// Accepts messages, which workers send.
pub struct SendMessage {
    /// The stored numbers.
    pub numbers: Arc<dyn NumberStore>,
    /// The stored messages to contacts.
    pub outgoing: Arc<dyn OutgoingStore>,
    /// The conversations of contacts.
    pub conversations: Arc<ConversationIds>,
    /// The consent of contacts.
    pub consent: ConsentGate,
    /// Generates the ids of deliveries.
    pub identifiers: Arc<dyn Identifiers>,
    /// The time at which messages are accepted.
    pub clock: Arc<dyn Clock>,
}

impl SendMessage {
    /// Stores a message to be sent from a number that the scope covers. The worker asks for consent again when it sends
    /// the message. A repeated message with the same key is the first one, whatever became of it.
    pub async fn send(
        &self,
        scope: &Scope,
        message: &NewMessage,
    ) -> Result<AcceptedMessage, SendError> {
        check_addresses(message)?;
        let number = self.sender(scope, &message.from).await?;
        if let Some(delivery) = self.earlier(&number.organization, message).await? {
            return Ok(AcceptedMessage { delivery, insertion: Insertion::Duplicate });
        }
        let organization = &number.organization;
        let is_opted_out = self.consent.is_opted_out(organization, &message.from, &message.to);
        if is_opted_out.await.map_err(storing("reading the contact's consent"))? {
            return Err(SendError::OptedOut);
        }
        let contact = self.consent.known_as(organization, &message.to).await;
        let contact = contact.map_err(storing("finding the contact"))?;
        let key = ConversationKey::new(&message.from, &contact);
        let conversation = self.conversations.find(organization, key, self.clock.now()).await;
        let conversation = conversation.map_err(storing("finding the conversation"))?;
        let delivery = self.delivery(&number, message, conversation);
        let added = self.outgoing.add(&delivery).await.map_err(storing("storing the message"))?;
        if added == Insertion::Inserted {
            return Ok(AcceptedMessage { delivery, insertion: added });
        }
        // A concurrent request with the same key has added it.
        let earlier = self.earlier(organization, message).await?;
        let delivery = earlier.ok_or(SendError::KeyUsed)?;
        Ok(AcceptedMessage { delivery, insertion: Insertion::Duplicate })
    }

    async fn sender(&self, scope: &Scope, from: &Address) -> Result<Number, SendError> {
        let unknown = || SendError::SenderUnknown { from: from.clone() };
        let found = find_sender(self.numbers.as_ref(), scope, from).await;
        found.map_err(storing("finding the sender"))?.ok_or_else(unknown)
    }

    /// The message that an earlier request with the same key added.
    async fn earlier(
        &self,
        organization: &OrganizationId,
        message: &NewMessage,
    ) -> Result<Option<Delivery>, SendError> {
        let Some(key) = &message.key else { return Ok(None) };
        let found = self.outgoing.find_by_key(organization, key).await;
        let Some(found) = found.map_err(storing("finding an earlier message"))? else {
            return Ok(None);
        };
        match &found.item {
            DeliveryItem::Outgoing(outgoing) if is_same(outgoing, message) => Ok(Some(found)),
            DeliveryItem::Outgoing(_) | DeliveryItem::Received(_) | DeliveryItem::Event(_) => {
                Err(SendError::KeyUsed)
            }
        }
    }

    fn delivery(
        &self,
        number: &Number,
        message: &NewMessage,
        conversation: ConversationId,
    ) -> Delivery {
        let id = self.identifiers.delivery();
        let reply_key =
            message.key.as_ref().map_or_else(|| id.to_string(), IdempotencyKey::reply_key);
        Delivery {
            id,
            organization: number.organization.clone(),
            account: number.account,
            owner: QueueOwner::Conversation(conversation),
            agent: None,
            item: DeliveryItem::Outgoing(Outgoing {
                in_reply_to: None,
                reply_key,
                from: message.from.clone(),
                to: message.to.clone(),
                content: message.content.clone(),
                progress: SendProgress::without_sid(SendState::Planned),
            }),
            state: DeliveryState::Pending,
            attempts: Vec::new(),
            earlier_attempts: 0,
            next_attempt_at: None,
            created_at: self.clock.now(),
        }
    }
}

fn storing(doing: &'static str) -> impl FnOnce(StoreError) -> SendError {
    move |source| SendError::Store { doing, source }
}

fn is_same(outgoing: &Outgoing, message: &NewMessage) -> bool {
    outgoing.from == message.from
        && outgoing.to == message.to
        && outgoing.content == message.content
}

fn check_addresses(message: &NewMessage) -> Result<(), SendError> {
    let NewMessage { from, to, .. } = message;
    match to {
        Address::Phone(_)
        | Address::WhatsApp(_)
        | Address::WhatsAppUser(_)
        | Address::RcsPhone(_)
        | Address::Messenger(_) => {}
        Address::RcsSender(_)
        | Address::Client(_)
        | Address::Sip(_)
        | Address::ShortCode(_)
        | Address::Alphanumeric(_)
        | Address::Withheld
        | Address::Raw(_)
        | Address::Erased => return Err(SendError::ContactUnreachable { to: to.clone() }),
    }
    let (from, to) = (from.message_channel(), to.message_channel());
    if from == to {
        return Ok(());
    }
    Err(SendError::ChannelsDiffer { from: from.as_str(), to: to.as_str() })
}
