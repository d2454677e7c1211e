//! The stored public URL of the server.

use async_trait::async_trait;

use super::StoreError;
use crate::audit::Author;
use crate::signature::PublicUrl;

/// Stores the public URL of the running server, for commands that write it to the carrier. Laws:
/// `switchboard_contract::public_url`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PublicUrlStore: Send + Sync {
    /// Returns the stored URL, exactly as it was given; `None` if none is stored.
    async fn find(&self) -> Result<Option<PublicUrl>, StoreError>;

    /// Stores a URL and replaces the previous one.
    async fn set(&self, author: &Author, url: &PublicUrl) -> Result<(), StoreError>;

    /// Stores a URL if none is stored. MUST return the stored URL, which is the same for all concurrent callers.
    async fn set_first(&self, author: &Author, url: &PublicUrl) -> Result<PublicUrl, StoreError>;
}
