//! Accepts later replies of endpoints.

use std::sync::Arc;

use switchboard_application::ReplyWaiters;
use switchboard_domain::address::Address;
use switchboard_domain::delivery::{
    Delivery, DeliveryItem, DeliveryState, IdempotencyKey, InvalidIdempotencyKey, InvalidReply,
    Outgoing, OutgoingContent, SendProgress, SendState,
};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Clock, DeliveryFilter, DeliveryHistory, Identifiers, MessageStore, OutgoingStore, Page,
    ReplyCodec, Retry, StoreError,
};
use switchboard_domain::session::SessionKeys;
use switchboard_domain::sid::MessageSid;

/// Maximum number of messages that reply to one message, in all of its replies.
const MAX_MESSAGES: usize = 50;

/// Why replies are not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ReplyRefused {
    /// The token is not one for this message, or has expired.
    #[error("the reply token is not valid for this message, or has expired")]
    Token,
    /// The idempotency key is missing or malformed.
    #[error("the header Idempotency-Key {0}")]
    Key(InvalidIdempotencyKey),
    /// The body is not the JSON of replies.
    #[error("the body {0}")]
    Body(InvalidReply),
    /// The body contains no reply.
    #[error("the body contains no reply")]
    Nothing,
    /// The message has too many replies.
    #[error("a message can have at most 50 messages as replies")]
    TooMany,
    /// The message is not stored any more.
    #[error("the message is not stored any more")]
    Gone,
    /// The store failed.
    #[error("the reply was not stored")]
    Store(#[source] StoreError),
}

impl ReplyRefused {
    /// Whether the same reply can be accepted later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Token
            | Self::Key(_)
            | Self::Body(_)
            | Self::Nothing
            | Self::TooMany
            | Self::Gone => Retry::Never,
            Self::Store(source) => source.retry(),
        }
    }
}

/// A later reply, as it arrives.
#[derive(Clone, Copy, Debug)]
pub struct LateReply<'a> {
    /// The message that is replied to.
    pub message: MessageSid,
    /// The reply token.
    pub token: &'a str,
    /// Distinguishes the replies to the message: a repeated request has the same key.
    pub key: &'a str,
    /// The JSON of the replies.
    pub body: &'a [u8],
}

/// Accepts replies of endpoints that did not reply at once.
pub struct AcceptReplies {
    /// The stored messages.
    pub messages: Arc<dyn MessageStore>,
    /// The stored deliveries.
    pub deliveries: Arc<dyn DeliveryHistory>,
    /// Stores the replies.
    pub outgoing: Arc<dyn OutgoingStore>,
    /// Verifies reply tokens.
    pub keys: Arc<SessionKeys>,
    /// Reads replies.
    pub codec: Arc<dyn ReplyCodec>,
    /// Wakes the worker.
    pub waiters: Arc<ReplyWaiters>,
    /// Generates the ids of deliveries.
    pub identifiers: Arc<dyn Identifiers>,
    /// The time at which replies are accepted.
    pub clock: Arc<dyn Clock>,
}

impl AcceptReplies {
    /// Stores replies to be sent, and returns the ids of their deliveries. A repeated request returns the same ids and
    /// sends nothing again.
    pub async fn accept(&self, late: &LateReply<'_>) -> Result<Vec<DeliveryId>, ReplyRefused> {
        let now = self.clock.now();
        let grant = self.keys.verify_reply_token(late.token, late.message, now);
        let grant = grant.ok_or(ReplyRefused::Token)?;
        let key = IdempotencyKey::parse(late.key).map_err(ReplyRefused::Key)?;
        let contents = self.codec.read(late.body).map_err(ReplyRefused::Body)?;
        if contents.is_empty() {
            return Err(ReplyRefused::Nothing);
        }
        let record = self.messages.find(&Scope::Operator, grant.account, late.message).await;
        let record = record.map_err(ReplyRefused::Store)?.ok_or(ReplyRefused::Gone)?;
        if record.from == Some(Address::Erased) {
            return Err(ReplyRefused::Gone);
        }
        let known = self.known(&record).await?;
        let received = known.iter().find(|delivery| is_received(delivery));
        let received = received.ok_or(ReplyRefused::Gone)?;
        let new: Vec<_> = (1..).zip(contents).collect();
        let keys: Vec<_> = new.iter().map(|(n, _)| format!("later {n} {}", key.as_str())).collect();
        // Of a request that failed halfway, the rest is added.
        let new = new.into_iter().zip(&keys);
        let new: Vec<_> = new.filter(|(_, key)| !has_key(&known, key)).collect();
        if new.is_empty() {
            return Ok(ids_of(&known, &keys));
        }
        if known.len() + new.len() > MAX_MESSAGES {
            return Err(ReplyRefused::TooMany);
        }
        for ((_, content), key) in new {
            let delivery = self.delivery(received, &record, content, key.clone());
            let delivery = delivery.ok_or(ReplyRefused::Gone)?;
            // A concurrent request with the same key may have added it.
            let _insertion = self.outgoing.add(&delivery).await.map_err(ReplyRefused::Store)?;
        }
        self.waiters.wake();
        let ids = ids_of(&self.known(&record).await?, &keys);
        // The contact can have been erased meanwhile.
        if ids.is_empty() { Err(ReplyRefused::Gone) } else { Ok(ids) }
    }

    /// The deliveries of the message: to its agent, and of its replies.
    async fn known(&self, record: &MessageRecord) -> Result<Vec<Delivery>, ReplyRefused> {
        let scope = Scope::Organization(record.organization.clone());
        let filter = DeliveryFilter {
            account: Some(record.account),
            message: Some(record.message),
            ..DeliveryFilter::default()
        };
        let page = Page::first(u32::try_from(MAX_MESSAGES * 2).unwrap_or(u32::MAX));
        let mut known =
            self.deliveries.newest(&scope, &filter, &page).await.map_err(ReplyRefused::Store)?;
        known.reverse();
        Ok(known)
    }

    fn delivery(
        &self,
        received: &Delivery,
        record: &MessageRecord,
        content: OutgoingContent,
        reply_key: String,
    ) -> Option<Delivery> {
        let outgoing = Outgoing {
            in_reply_to: Some(record.message),
            reply_key,
            from: record.to.clone()?,
            to: record.from.clone()?,
            content,
            progress: SendProgress::without_sid(SendState::Planned),
        };
        Some(Delivery {
            id: self.identifiers.delivery(),
            item: DeliveryItem::Outgoing(outgoing),
            state: DeliveryState::Pending,
            attempts: Vec::new(),
            earlier_attempts: 0,
            next_attempt_at: None,
            created_at: self.clock.now(),
            ..received.clone()
        })
    }
}

const fn is_received(delivery: &Delivery) -> bool {
    matches!(delivery.item, DeliveryItem::Received(_))
}

fn reply_key(delivery: &Delivery) -> Option<&String> {
    match &delivery.item {
        DeliveryItem::Received(_) | DeliveryItem::Event(_) => None,
        DeliveryItem::Outgoing(outgoing) => Some(&outgoing.reply_key),
    }
}

fn has_key(known: &[Delivery], key: &String) -> bool {
    known.iter().any(|delivery| reply_key(delivery) == Some(key))
}

/// The ids of the replies with these keys, in the order of the keys.
fn ids_of(known: &[Delivery], keys: &[String]) -> Vec<DeliveryId> {
    let of = |key| known.iter().find(|delivery| reply_key(delivery) == Some(key));
    keys.iter().filter_map(of).map(|delivery| delivery.id.clone()).collect()
}
