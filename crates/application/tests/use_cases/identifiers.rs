//! Identifiers that count.

use std::sync::atomic::{AtomicU64, Ordering};

use switchboard_domain::identifier::{
    AgentId, ApiKeyId, ConversationId, DeliveryId, OrganizationId, PlanId, RejectionId,
    SubscriptionId,
};
use switchboard_domain::ports::Identifiers;
use switchboard_domain::time::Timestamp;

const CREATED_AT: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// Identifiers from a counter.
#[derive(Default)]
pub(crate) struct CountingIdentifiers(AtomicU64);

impl CountingIdentifiers {
    fn chance(&self) -> [u8; 10] {
        let mut chance = [0; 10];
        chance[2..].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        chance
    }
}

impl Identifiers for CountingIdentifiers {
    fn organization(&self) -> OrganizationId {
        OrganizationId::new(CREATED_AT, self.chance())
    }

    fn agent(&self) -> AgentId {
        AgentId::new(CREATED_AT, self.chance())
    }

    fn plan(&self) -> PlanId {
        PlanId::new(CREATED_AT, self.chance())
    }

    fn conversation(&self) -> ConversationId {
        ConversationId::new(CREATED_AT, self.chance())
    }

    fn delivery(&self) -> DeliveryId {
        DeliveryId::new(CREATED_AT, self.chance())
    }

    fn subscription(&self) -> SubscriptionId {
        SubscriptionId::new(CREATED_AT, self.chance())
    }

    fn api_key(&self) -> ApiKeyId {
        ApiKeyId::new(CREATED_AT, self.chance())
    }

    fn rejection(&self) -> RejectionId {
        RejectionId::new(CREATED_AT, self.chance())
    }
}
