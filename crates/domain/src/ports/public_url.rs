use async_trait::async_trait;

use super::StoreError;
use crate::signature::PublicUrl;

/// Keeps the public URL that the server runs with, for commands that write it to the carrier. Laws:
/// `switchboard_contract::public_url`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PublicUrlStore: Send + Sync {
    /// The URL that was stored last, exactly as it was given; `None` if none was.
    async fn find(&self) -> Result<Option<PublicUrl>, StoreError>;

    /// Stores a URL in place of the one before.
    async fn set(&self, url: &PublicUrl) -> Result<(), StoreError>;

    /// Stores a URL if none is stored. Returns the stored one.
    async fn set_first(&self, url: &PublicUrl) -> Result<PublicUrl, StoreError>;
}
