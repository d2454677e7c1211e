//! The stored events, for `event tail` and subscriptions.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::event::{Event, EventKind};
use crate::history::Period;
use crate::identifier::EventId;
use crate::organization::Scope;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// The place of an event in a list: when it happened, and its id.
pub type EventPlace = (Timestamp, EventId);

/// Which events are looked up. What is `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// When it happened.
    pub period: Period,
    /// What happened: one of these.
    pub kinds: Option<Vec<EventKind>>,
    /// Only events of this account.
    pub account: Option<AccountSid>,
    /// The SID of the call or message, or the id of the delivery or agent.
    pub subject: Option<String>,
}

impl EventFilter {
    /// Whether nothing but a period restricts the list.
    pub fn has_period_only(&self) -> bool {
        *self == Self { period: self.period, ..Self::default() }
    }

    /// Whether an event is meant.
    pub fn selects(&self, event: &Event) -> bool {
        self.period.contains(event.at)
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&event.kind))
            && self.account.is_none_or(|account| account == event.account)
            && self.subject.as_ref().is_none_or(|subject| *subject == event.subject)
    }
}

/// Reads what happened. The stores of messages, calls, deliveries and consents MUST add their events in the same
/// transaction, each once: see [`crate::event`]. Laws: `switchboard_contract::events`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Lists the events that the scope covers and the filter selects, newest first. Events of the same instant MUST be in
    /// descending order of their ids.
    async fn newest(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &Page<EventPlace>,
    ) -> Result<Vec<Event>, StoreError>;

    /// Lists the same events in the opposite order, oldest first.
    async fn oldest(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &Page<EventPlace>,
    ) -> Result<Vec<Event>, StoreError>;

    /// Returns the event at a place, if the scope covers it.
    async fn at(&self, scope: &Scope, place: &EventPlace) -> Result<Option<Event>, StoreError>;
}
