//! Time, chance and new keys, which a decision must not fetch by itself.

use crate::identifier::{AgentId, PlanId, RejectionId};
use crate::time::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still.
impl Clock for Timestamp {
    fn now(&self) -> Timestamp {
        *self
    }
}

/// Fills with unpredictable random bytes.
pub trait Randomness: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// Makes keys that were never made before and sort by time.
pub trait Identifiers: Send + Sync {
    /// A key for a new agent.
    fn agent(&self) -> AgentId;
    /// A key for a new routing plan.
    fn plan(&self) -> PlanId;
    /// A key for a new rejection.
    fn rejection(&self) -> RejectionId;
}
