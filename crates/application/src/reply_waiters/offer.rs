//! Replies that are offered to a webhook, until it is known whether its answer contains them.

use std::fmt;
use std::sync::Arc;

use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::OutgoingContent;
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::ports::{OfferOutcome, OutgoingStore};
use switchboard_domain::sid::{AccountSid, MessageSid};
use tokio::runtime::Handle;
use tracing::{Instrument as _, Span};

use super::ReplyWaiters;

/// A reply that can become part of the answer to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedReply {
    /// The delivery by which the reply is sent if the webhook does not send it.
    pub delivery: DeliveryId,
    /// Text and media.
    pub content: OutgoingContent,
}

/// The stored replies to a message, on their way into the answer to its webhook. Exactly one of two things becomes of them:
/// they are [answered](Self::answered) when the connection has taken the answer, and withdrawn when the offer is dropped
/// before, for example because the client closed the connection. Withdrawn replies are sent by other means.
///
/// Nobody knows whether an answer arrived that the connection took: Twilio reports the status of each reply, which settles
/// it.
pub struct ReplyOffer {
    replies: Vec<OfferedReply>,
    settled_by: Option<Settlement>,
}

/// Where an offer is settled.
struct Settlement {
    store: Arc<dyn OutgoingStore>,
    waiters: Arc<ReplyWaiters>,
    account: AccountSid,
    message: MessageSid,
}

impl ReplyOffer {
    /// Offers replies to a message, which are stored as offered.
    pub fn new(
        replies: Vec<OfferedReply>,
        store: Arc<dyn OutgoingStore>,
        waiters: Arc<ReplyWaiters>,
        (account, message): (AccountSid, MessageSid),
    ) -> Self {
        Self { replies, settled_by: Some(Settlement { store, waiters, account, message }) }
    }

    /// An offer that is not stored anywhere.
    #[cfg(test)]
    pub(crate) const fn unstored(replies: Vec<OfferedReply>) -> Self {
        Self { replies, settled_by: None }
    }

    /// What is offered.
    pub fn replies(&self) -> &[OfferedReply] {
        &self.replies
    }

    /// The connection has taken the answer that contains the replies.
    pub fn answered(mut self) {
        self.settle(OfferOutcome::Answered);
    }

    /// Settles the offer in the background, unless it is settled. If that fails, the replies are looked up at Twilio later.
    fn settle(&mut self, outcome: OfferOutcome) {
        let Some(Settlement { store, waiters, account, message }) = self.settled_by.take() else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else { return };
        let settle = async move {
            if let Err(error) = store.settle_offer(account, message, outcome).await {
                tracing::warn!(error = %Causes(&error), "it was not recorded what became of replies");
            }
            waiters.wake();
        };
        let _settling = runtime.spawn(settle.instrument(Span::current()));
    }
}

impl Drop for ReplyOffer {
    fn drop(&mut self) {
        self.settle(OfferOutcome::Withdrawn);
    }
}

impl fmt::Debug for ReplyOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyOffer").field("replies", &self.replies.len()).finish_non_exhaustive()
    }
}
