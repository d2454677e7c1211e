//! What checks found about numbers and accounts at the carrier.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::check_finding::{AccountFinding, DriftFilter, DriftingNumber, NumberFinding};
use crate::organization::Scope;
use crate::sender::Sender;

/// Stores what checks find. A finding that differs from the previous one becomes an event. Laws:
/// `switchboard_contract::check_findings`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CheckFindingStore: Send + Sync {
    /// Stores whether numbers drift. MUST ignore a number that was observed later than the finding, or whose assignment is
    /// not that of the finding: it was changed after the check had read it. A number that drifts now and did not before, or
    /// the other way round, MUST become an event ([`event_of_number`](crate::event::event_of_number)) in the same
    /// transaction, once, even if two checks report it at the same time. MUST ignore a number that does not exist or that
    /// the scope does not cover. If the store fails, some of them MAY be stored.
    async fn report_numbers(
        &self,
        scope: &Scope,
        found: &[NumberFinding],
    ) -> Result<(), StoreError>;

    /// Stores whether accounts can be read, likewise ([`event_of_account`](crate::event::event_of_account)).
    async fn report_accounts(
        &self,
        scope: &Scope,
        found: &[AccountFinding],
    ) -> Result<(), StoreError>;

    /// Lists the numbers that drift, that the scope covers and that the filter selects, in the order of their text, with what the
    /// last check that reported them found.
    async fn drifting(
        &self,
        scope: &Scope,
        filter: &DriftFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<DriftingNumber>, StoreError>;
}
