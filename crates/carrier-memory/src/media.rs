//! The files of messages.

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, MediaFile};
use switchboard_domain::ports::carrier::MediaCarrier;
use switchboard_domain::sid::{MediaSid, MessageSid};

use crate::MemoryCarrier;
use crate::auth::Keys;

#[async_trait]
impl MediaCarrier for MemoryCarrier {
    async fn fetch(
        &self,
        access: &CarrierAccess,
        message: MessageSid,
        media: MediaSid,
    ) -> Result<MediaFile, CarrierError> {
        self.ask("media.fetch", access, Keys::OwnOrParent, |op| {
            op.stored.media.get(&(message, media)).cloned().ok_or_else(|| op.missing())
        })
    }
}
