//! The queues of deliveries.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_domain::delivery::{
    AttemptResult, Busy, Delivery, DeliveryItem, DeliveryState, MAX_ORDER_WAIT_SECONDS, Outgoing,
    SendProgress, SendState,
};
use switchboard_domain::identifier::{ConversationId, DeliveryId, OrganizationId};
use switchboard_domain::message::ReceivedMessage;
use switchboard_domain::ports::{Insertion, LeaseHolder, Recorded};
use switchboard_domain::sid::MessageSid;
use switchboard_domain::time::Timestamp;

use crate::probe;

/// Seconds after which an offered reply is looked up at Twilio.
const OFFER_SECONDS: i64 = 20;

/// All deliveries, in the order in which they were added, and the leases of their queues.
#[derive(Debug, Default)]
pub(crate) struct DeliveryQueues {
    pub(crate) all: Vec<Stored>,
    /// Seconds by which the clock of the queues is ahead.
    pub(crate) ahead: i64,
    /// By the names of the queues.
    pub(crate) leases: BTreeMap<String, (LeaseHolder, Timestamp)>,
}

#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) delivery: Delivery,
    pub(crate) due_at: Timestamp,
}

impl Stored {
    pub(crate) fn queue(&self) -> String {
        self.delivery.queue()
    }

    pub(crate) fn progress(&mut self) -> Option<&mut SendProgress> {
        match &mut self.delivery.item {
            DeliveryItem::Received(_) | DeliveryItem::Event(_) => None,
            DeliveryItem::Outgoing(outgoing) => Some(&mut outgoing.progress),
        }
    }

    /// The delivery, with the time of its next attempt.
    pub(crate) fn shown(&self) -> Delivery {
        let is_pending = self.delivery.state == DeliveryState::Pending;
        Delivery { next_attempt_at: is_pending.then_some(self.due_at), ..self.delivery.clone() }
    }

    pub(crate) fn is_offered(&self) -> bool {
        let DeliveryItem::Outgoing(outgoing) = &self.delivery.item else { return false };
        outgoing.progress.state == SendState::Offered
    }
}

impl DeliveryQueues {
    pub(crate) fn now(&self) -> Timestamp {
        probe::now().plus_seconds(self.ahead)
    }

    pub(crate) fn add_message(&mut self, message: &ReceivedMessage) {
        let Some(delivery) = Delivery::of_message(message) else { return };
        let due_at = self.now();
        self.all.push(Stored { delivery, due_at });
    }

    /// The place of the first delivery of each queue that is not final.
    pub(crate) fn heads(&self) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        let open = self.all.iter().enumerate();
        let open = open.filter(|(_, stored)| !stored.delivery.state.is_final());
        open.filter(|(_, stored)| seen.insert(stored.queue())).map(|(place, _)| place).collect()
    }

    pub(crate) fn is_leased(&self, queue: &str, now: Timestamp) -> bool {
        self.leases.get(queue).is_some_and(|(_, until)| *until > now)
    }

    /// Whether the newest delivery of a queue has to wait.
    pub(crate) fn is_busy(&self, queue: &str, busy: &Busy) -> bool {
        let newest = self.all.iter().rev().find(|stored| stored.queue() == *queue);
        newest.is_some_and(|Stored { delivery, .. }| {
            busy.includes(&delivery.target(), &delivery.organization)
        })
    }

    pub(crate) fn get(&mut self, id: &DeliveryId) -> Option<&mut Stored> {
        self.all.iter_mut().find(|stored| stored.delivery.id == *id)
    }

    fn sender_of(&mut self, other_than: &DeliveryId, sid: MessageSid) -> Option<&mut Stored> {
        let account = self.get(other_than)?.delivery.account;
        self.all.iter_mut().find(|stored| {
            let Delivery { id, account: of, item, .. } = &stored.delivery;
            let DeliveryItem::Outgoing(outgoing) = item else { return false };
            *of == account && id != other_than && outgoing.progress.sid == Some(sid)
        })
    }

    /// Whether another message of the same account has this SID.
    pub(crate) fn is_foreign(&mut self, delivery: &DeliveryId, sid: MessageSid) -> bool {
        self.sender_of(delivery, sid).is_some()
    }

    /// Takes the SID of this message from another one, of which nothing is known any more.
    pub(crate) fn take_sid(&mut self, delivery: &DeliveryId, sid: MessageSid) {
        let Some(stored) = self.sender_of(delivery, sid) else { return };
        if let Some(progress) = stored.progress() {
            *progress = SendProgress::without_sid(SendState::Unknown);
        }
        stored.delivery.state = DeliveryState::Dead;
    }

    /// Whether one of the deliveries of a conversation is meant.
    pub(crate) fn any_of(
        &self,
        conversation: &ConversationId,
        is_meant: impl Fn(&Delivery) -> bool,
    ) -> bool {
        let mut all = self.all.iter().map(|stored| &stored.delivery);
        all.any(|delivery| delivery.conversation() == Some(conversation) && is_meant(delivery))
    }

    fn has_key(&self, delivery: &Delivery, outgoing: &Outgoing) -> bool {
        if outgoing.in_reply_to.is_none() {
            return self.by_key(&delivery.organization, &outgoing.reply_key).is_some();
        }
        let key = (outgoing.in_reply_to, &outgoing.reply_key);
        self.all.iter().any(|stored| match &stored.delivery.item {
            DeliveryItem::Received(_) | DeliveryItem::Event(_) => false,
            DeliveryItem::Outgoing(other) => {
                stored.delivery.account == delivery.account
                    && (other.in_reply_to, &other.reply_key) == key
            }
        })
    }

    /// The message that answers none and has this key.
    pub(crate) fn by_key(&self, organization: &OrganizationId, key: &str) -> Option<&Stored> {
        self.all.iter().find(|stored| match &stored.delivery.item {
            DeliveryItem::Received(_) | DeliveryItem::Event(_) => false,
            DeliveryItem::Outgoing(outgoing) => {
                stored.delivery.organization == *organization
                    && outgoing.in_reply_to.is_none()
                    && outgoing.reply_key == key
            }
        })
    }

    pub(crate) fn add(&mut self, delivery: Delivery) -> Insertion {
        let DeliveryItem::Outgoing(outgoing) = &delivery.item else { return Insertion::Duplicate };
        if self.has_key(&delivery, outgoing) {
            return Insertion::Duplicate;
        }
        let wait = if outgoing.progress.state == SendState::Offered { OFFER_SECONDS } else { 0 };
        let due_at = self.now().plus_seconds(wait);
        self.all.push(Stored { delivery, due_at });
        Insertion::Inserted
    }

    /// Adds the deliveries of an event, due at once.
    pub(crate) fn add_events(&mut self, deliveries: impl IntoIterator<Item = Delivery>) {
        let due_at = self.now();
        self.all.extend(deliveries.into_iter().map(|delivery| Stored { delivery, due_at }));
    }

    /// Adds the replies of a result. Returns whether those that are offered stay so.
    pub(crate) fn add_replies(&mut self, answered: &Delivery, result: &AttemptResult) -> Recorded {
        let replies: Vec<_> = result.reply_deliveries(answered).collect();
        let soon = self.now().plus_seconds(MAX_ORDER_WAIT_SECONDS);
        let is_open = |stored: &Stored, queue: &str| {
            stored.queue() == queue
                && !stored.delivery.state.is_final()
                && !stored.is_offered()
                && stored.due_at <= soon
        };
        let waits = replies
            .first()
            .map(Delivery::queue)
            .is_some_and(|queue| self.all.iter().any(|stored| is_open(stored, &queue)));
        let mut recorded = Recorded::Recorded;
        for mut reply in replies {
            if let DeliveryItem::Outgoing(outgoing) = &mut reply.item
                && outgoing.progress.state == SendState::Offered
                && waits
            {
                outgoing.progress.state = SendState::Planned;
                recorded = Recorded::Queued;
            }
            let _insertion = self.add(reply);
        }
        recorded
    }
}
