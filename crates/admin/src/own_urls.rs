//! Whether the URLs of this server may be written to the carrier.

use futures_util::future::BoxFuture;
use switchboard_domain::ports::{Retry, StoreError};

/// Why the URLs must not be written.
#[derive(Debug)]
pub enum OwnUrlsError {
    /// The carrier cannot call them, or they are not those of the server; a sentence with what to do.
    Refused(String),
    /// The URL of the server could not be read.
    Store(StoreError),
}

impl OwnUrlsError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Refused(_) => Retry::Never,
            Self::Store(source) => source.retry(),
        }
    }
}

/// Checks the URLs of this server before they are written to the carrier.
pub trait OwnUrls: Send + Sync {
    /// Refuses URLs that the carrier cannot call, and that are not those of the server.
    fn may_be_written(&self) -> BoxFuture<'_, Result<(), OwnUrlsError>>;
}
