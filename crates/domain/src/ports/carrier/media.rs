//! Files of messages at the carrier.

use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError, MediaFile};
use crate::sid::{MediaSid, MessageSid};

/// Reads the files of messages. Laws: `switchboard_contract::carrier::media`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MediaCarrier: Send + Sync {
    /// Returns a file. An adapter that is redirected to another host MUST NOT send it the credentials. MUST return
    /// `Unreadable` if the file has more than 16 MiB.
    async fn fetch(
        &self,
        access: &CarrierAccess,
        message: MessageSid,
        media: MediaSid,
    ) -> Result<MediaFile, CarrierError>;
}
