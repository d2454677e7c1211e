//! Files of messages (Twilio, "Media resource: fetch").

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, MediaFile};
use switchboard_domain::ports::carrier::MediaCarrier;
use switchboard_domain::sid::{MediaSid, MessageSid};

use crate::TwilioCarrier;
use crate::exchange::{AnswerError, Keys, Product, Reading, Request};

#[async_trait]
impl MediaCarrier for TwilioCarrier {
    async fn fetch(
        &self,
        access: &CarrierAccess,
        message: MessageSid,
        media: MediaSid,
    ) -> Result<MediaFile, CarrierError> {
        const OPERATION: &str = "media.fetch";
        let account = access.account;
        // Without `.json`, Twilio returns the file.
        let path = format!("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}");
        let request = Request::get(OPERATION, Product::Api, Keys::OwnOrParent, path);
        let answer = self.client.download(access, &request).await?;
        let content = answer.body.ok_or(AnswerError::TooLong).during(OPERATION)?;
        Ok(MediaFile { content_type: answer.content_type, content })
    }
}
