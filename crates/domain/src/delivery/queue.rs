//! The queues of deliveries, within which the order is kept.

use std::fmt;

use ring::digest::{SHA256, digest};

use crate::identifier::{ConversationId, IdentifierError, SubscriptionId};

/// The queues of one subscription: its events are delivered side by side, those about one subject in order. A subscriber that
/// is down has no more queues than these.
const LANES: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

/// What a queue belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueOwner {
    /// A conversation, which has one queue for each direction.
    Conversation(ConversationId),
    /// A subscription, which has a few queues. All events about one subject are in the same one.
    Subscription(SubscriptionId),
}

impl QueueOwner {
    /// The stored name: the id.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Conversation(id) => id.as_str(),
            Self::Subscription(id) => id.as_str(),
        }
    }

    /// Parses a stored name.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let conversation = ConversationId::parse(text).map(Self::Conversation);
        conversation.or_else(|_other| SubscriptionId::parse(text).map(Self::Subscription))
    }
}

impl fmt::Display for QueueOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One of the queues of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventLane(&'static str);

impl EventLane {
    /// The queue of all events about this subject.
    pub fn of_subject(subject: &str) -> Self {
        let hash =
            digest(&SHA256, subject.as_bytes()).as_ref().first().copied().unwrap_or_default();
        Self(LANES[usize::from(hash) % LANES.len()])
    }

    /// The queue with this stored name.
    pub fn parse(text: &str) -> Option<Self> {
        LANES.into_iter().find(|lane| *lane == text).map(Self)
    }

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// All queues of a subscription.
    pub fn all() -> impl Iterator<Item = Self> {
        LANES.into_iter().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{EventLane, LANES};

    #[test]
    fn subjects_are_spread_over_all_queues() {
        let subjects = (0..200).map(|n| format!("CA{n:032x}"));
        let lanes: BTreeSet<_> =
            subjects.map(|subject| EventLane::of_subject(&subject).as_str()).collect();
        assert_eq!(lanes, BTreeSet::from(LANES));
        assert!(EventLane::all().all(|lane| EventLane::parse(lane.as_str()) == Some(lane)));
        assert_eq!(EventLane::parse("8"), None);
    }
}
