use async_trait::async_trait;

use super::StoreError;

/// Lets one of many processes do what must not be done by two at once. Time is the store's own, so that clocks of
/// processes need not agree. Laws: `switchboard_contract::leases`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// Takes or renews a lease for so many seconds. `false` while another holder has it.
    async fn acquire(&self, name: &str, holder: &str, seconds: u32) -> Result<bool, StoreError>;

    /// Releases a lease. Does nothing if the holder does not hold it.
    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError>;
}
