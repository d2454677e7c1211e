use async_trait::async_trait;

use super::StoreError;

/// Grants leases, so that only one process at a time performs a task. Expiry uses the clock of the
/// store, so the clocks of the processes may differ. Laws: `switchboard_contract::leases`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LeaseStore: Send + Sync {
    /// Acquires or renews a lease for this many seconds. Returns `false` while another holder has
    /// it.
    async fn acquire(&self, name: &str, holder: &str, seconds: u32) -> Result<bool, StoreError>;

    /// Releases a lease. Does nothing if the holder does not have it.
    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError>;
}
