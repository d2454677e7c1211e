//! The port to the legacy system that operators migrate from.

use async_trait::async_trait;

use super::{ImportRows, StoreError};

/// Reads the legacy system that operators migrate from.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LegacySystem: Send + Sync {
    /// Returns all agents and numbers as of one moment, ordered by key. MUST NOT change anything in
    /// the legacy system. A number without `account_sid` belongs to the main account. There is one
    /// adapter, whose tests check this instead of a law: `reading_cannot_write` in
    /// `crates/store-diesel/tests/prisma.rs`.
    async fn read(&self) -> Result<ImportRows, StoreError>;
}
