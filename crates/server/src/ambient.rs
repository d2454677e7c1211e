//! The system's clock, random bytes and new identifiers, behind the domain's ports.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};
use switchboard_domain::identifier::{
    AgentId, ApiKeyId, ConversationId, DeliveryId, OrganizationId, PlanId, RejectionId,
    SubscriptionId,
};
use switchboard_domain::ports::{Clock, Identifiers, Randomness};
use switchboard_domain::time::Timestamp;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock that everything else uses"
        )]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The operating system's random bytes.
#[derive(Clone, Debug)]
pub(crate) struct SystemRandomness(SystemRandom);

impl SystemRandomness {
    pub(crate) fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        if self.0.fill(bytes).is_err() {
            // Without random bytes there are no nonces, and a repeated nonce reveals secrets: ending the process is
            // the only safe reaction.
            std::process::abort();
        }
    }
}

/// Identifiers from the time and random bytes.
#[derive(Clone)]
pub(crate) struct TimeOrderedIdentifiers {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl TimeOrderedIdentifiers {
    pub(crate) fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self { clock, randomness }
    }

    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.randomness.fill(&mut bytes);
        bytes
    }
}

impl Identifiers for TimeOrderedIdentifiers {
    fn organization(&self) -> OrganizationId {
        OrganizationId::new(self.clock.now(), self.random())
    }

    fn agent(&self) -> AgentId {
        AgentId::new(self.clock.now(), self.random())
    }

    fn plan(&self) -> PlanId {
        PlanId::new(self.clock.now(), self.random())
    }

    fn conversation(&self) -> ConversationId {
        ConversationId::new(self.clock.now(), self.random())
    }

    fn delivery(&self) -> DeliveryId {
        DeliveryId::new(self.clock.now(), self.random())
    }

    fn subscription(&self) -> SubscriptionId {
        SubscriptionId::new(self.clock.now(), self.random())
    }

    fn api_key(&self) -> ApiKeyId {
        ApiKeyId::new(self.clock.now(), self.random())
    }

    fn rejection(&self) -> RejectionId {
        RejectionId::new(self.clock.now(), self.random())
    }
}

/// All three, as the use cases take them.
#[derive(Clone)]
pub(crate) struct Ambient {
    /// The machine's clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// The operating system's random bytes.
    pub(crate) randomness: Arc<dyn Randomness>,
    /// Time-ordered identifiers.
    pub(crate) identifiers: Arc<dyn Identifiers>,
}

impl Ambient {
    pub(crate) fn system() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness::new());
        let identifiers = TimeOrderedIdentifiers::new(Arc::clone(&clock), Arc::clone(&randomness));
        Self { clock, randomness, identifiers: Arc::new(identifiers) }
    }
}

#[cfg(test)]
mod tests {
    use super::Ambient;

    #[test]
    fn the_clock_runs_and_identifiers_differ() {
        let ambient = Ambient::system();
        assert!(ambient.clock.now().seconds() > 1_700_000_000);
        assert_ne!(ambient.identifiers.agent(), ambient.identifiers.agent());
        let mut bytes = [0; 32];
        ambient.randomness.fill(&mut bytes);
        assert_ne!(bytes, [0; 32]);
    }
}
