//! Attempts dead deliveries again: one, that of a message, or many.

use std::sync::Arc;

use switchboard_domain::delivery::{Delivery, DeliveryState};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    DeadDeliveryStore, DeliveryFilter, DeliveryHistory, MessageHistory, Page, Retry, StoreError,
};
use switchboard_domain::sid::MessageSid;

/// The number of deliveries that are read at once.
const PAGE: u32 = 200;

/// Which deliveries are meant.
#[derive(Clone, Debug)]
pub enum ReplaySelection {
    /// This one.
    Delivery(DeliveryId),
    /// The delivery of an inbound message to its agent, or the one that sends an outbound message.
    Message(MessageSid),
    /// All dead ones that the filter selects.
    Dead(DeliveryFilter),
}

/// Why a delivery cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The delivery is not stored.
    #[error("no delivery {id} is recorded")]
    DeliveryUnknown {
        /// The id that no delivery has.
        id: DeliveryId,
    },
    /// The message is not stored.
    #[error("no message {sid} is recorded")]
    MessageUnknown {
        /// The SID that no stored message has.
        sid: MessageSid,
    },
    /// The message was not for an endpoint.
    #[error("the message {sid} has no delivery")]
    NoDelivery {
        /// The message that was not for an endpoint.
        sid: MessageSid,
    },
    /// The delivery has not failed.
    #[error("the delivery is {}; only a dead delivery can be replayed", state.as_str())]
    NotDead {
        /// Its state.
        state: DeliveryState,
    },
    /// The contact may have messages already, and they are not to be sent again.
    #[error("the contact may already have {} of the messages", uncertain)]
    Uncertain {
        /// How many messages.
        uncertain: usize,
    },
    /// The store failed.
    #[error("{doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The error of the store.
        source: StoreError,
    },
}

impl ReplayError {
    /// Whether the same replay can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store { source, .. } => source.retry(),
            Self::DeliveryUnknown { .. }
            | Self::MessageUnknown { .. }
            | Self::NoDelivery { .. }
            | Self::NotDead { .. }
            | Self::Uncertain { .. } => Retry::Never,
        }
    }
}

/// What becomes of messages that the contact may have already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UncertainMessages {
    /// Nothing is replayed.
    Refuse,
    /// They are looked up at Twilio, and sent again if they are not there.
    SendAgain,
}

/// What a replay does, before it does it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplayImpact {
    /// The dead deliveries, oldest first.
    pub deliveries: Vec<DeliveryId>,
    /// How many of them are messages that the contact may have already. They are looked up before they are sent.
    pub uncertain: usize,
}

impl ReplayImpact {
    fn of(dead: &[Delivery]) -> Self {
        Self {
            deliveries: dead.iter().map(|delivery| delivery.id.clone()).collect(),
            uncertain: dead.iter().filter(|delivery| delivery.may_have_arrived()).count(),
        }
    }
}

/// Makes dead deliveries due again. A message whose outcome is unknown is looked up before it is sent.
pub struct ReplayDeliveries {
    /// The stored deliveries.
    pub deliveries: Arc<dyn DeliveryHistory>,
    /// Replays the dead ones.
    pub dead: Arc<dyn DeadDeliveryStore>,
    /// The stored messages.
    pub messages: Arc<dyn MessageHistory>,
}

impl ReplayDeliveries {
    /// Finds what a replay does. One that is named must be dead.
    pub async fn plan(
        &self,
        scope: &Scope,
        selection: &ReplaySelection,
    ) -> Result<ReplayImpact, ReplayError> {
        let found = match selection {
            ReplaySelection::Delivery(id) => {
                let found = self.deliveries.find(scope, id).await.map_err(FINDING)?;
                found.ok_or_else(|| ReplayError::DeliveryUnknown { id: id.clone() })?
            }
            ReplaySelection::Message(sid) => self.of_message(scope, *sid).await?,
            ReplaySelection::Dead(filter) => {
                return Ok(ReplayImpact::of(&self.dead(scope, filter).await?));
            }
        };
        if found.state == DeliveryState::Dead {
            return Ok(ReplayImpact::of(&[found]));
        }
        Err(ReplayError::NotDead { state: found.state })
    }

    /// Makes the planned deliveries due at once, and returns how many. One that is not dead any more, because another
    /// replay came first, is left out.
    pub async fn run(
        &self,
        scope: &Scope,
        plan: &ReplayImpact,
        uncertain: UncertainMessages,
    ) -> Result<u64, ReplayError> {
        if plan.uncertain > 0 && uncertain == UncertainMessages::Refuse {
            return Err(ReplayError::Uncertain { uncertain: plan.uncertain });
        }
        let mut replayed = 0;
        for id in &plan.deliveries {
            match self.dead.replay(scope, id).await {
                Ok(()) => replayed += 1,
                Err(StoreError::Missing { .. }) => {}
                Err(source) => {
                    return Err(ReplayError::Store { doing: "replaying a delivery", source });
                }
            }
        }
        Ok(replayed)
    }

    async fn of_message(&self, scope: &Scope, sid: MessageSid) -> Result<Delivery, ReplayError> {
        let message = self.messages.message_by_sid(scope, sid).await.map_err(FINDING)?;
        let message = message.ok_or(ReplayError::MessageUnknown { sid })?;
        let found = self.deliveries.of_messages(scope, message.account, &[sid]).await;
        found.map_err(FINDING)?.pop().ok_or(ReplayError::NoDelivery { sid })
    }

    async fn dead(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
    ) -> Result<Vec<Delivery>, ReplayError> {
        let filter = DeliveryFilter { state: Some(DeliveryState::Dead), ..filter.clone() };
        let mut dead = Vec::new();
        let mut page = Page::first(PAGE);
        loop {
            let found = self.deliveries.newest(scope, &filter, &page).await.map_err(FINDING)?;
            let Some(last) = found.last() else { break };
            page = Page::behind((last.created_at, last.id.clone()), PAGE);
            dead.extend(found);
        }
        dead.reverse();
        Ok(dead)
    }
}

const FINDING: fn(StoreError) -> ReplayError =
    |source| ReplayError::Store { doing: "finding deliveries", source };
