//! Reads the system that users migrate from.

use async_trait::async_trait;

use super::{ImportRows, StoreError};

/// Reads the system that users migrate from.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LegacySystem: Send + Sync {
    /// Returns all agents and numbers as of one moment, in the order of their keys. MUST NOT change anything there.
    /// A number without `account_sid` belongs to the main account.
    async fn read(&self) -> Result<ImportRows, StoreError>;
}
