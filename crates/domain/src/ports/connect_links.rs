//! The stored links by which accounts are connected.

use async_trait::async_trait;

use super::StoreError;
use crate::connect_link::{ConnectLink, StateDigest};
use crate::time::Timestamp;

/// Stores the links by which customers connect accounts. Laws: `switchboard_contract::connect_links`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ConnectLinkStore: Send + Sync {
    /// Adds a link. Of the links of its organization, MUST keep at most `most`, and forget those that expire first. MUST return
    /// `Missing` if the organization does not exist.
    async fn add(&self, link: &ConnectLink, most: u32) -> Result<(), StoreError>;

    /// Takes the link with this digest, so that nobody takes it again: of several at the same time, exactly one MUST get it.
    /// MUST return `None` for an unknown link, and for one that has expired at `now`.
    async fn take(
        &self,
        digest: &StateDigest,
        now: Timestamp,
    ) -> Result<Option<ConnectLink>, StoreError>;
}
