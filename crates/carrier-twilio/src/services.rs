//! Messaging Services (Twilio, "Services resource", and "`PhoneNumber`", "`ShortCode`" and "`ChannelSender`" resources of
//! Messaging).

use async_trait::async_trait;
use serde::Deserialize;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, InboundWebhook, MessagingService};
use switchboard_domain::ports::carrier::ServiceCarrier;
use switchboard_domain::sid::{NumberSid, ServiceSid};

use crate::TwilioCarrier;
use crate::exchange::{AnswerError, Keys, Product, Request};
use crate::wire::text;

#[derive(Deserialize)]
struct ServiceWire {
    sid: String,
    #[serde(default, deserialize_with = "text")]
    friendly_name: String,
    #[serde(default)]
    use_inbound_webhook_on_number: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    inbound_request_url: String,
}

#[derive(Deserialize)]
struct MemberWire {
    sid: String,
}

impl ServiceWire {
    fn open(self) -> Result<MessagingService, AnswerError> {
        Ok(MessagingService {
            sid: ServiceSid::parse(&self.sid).map_err(AnswerError::field("sid"))?,
            name: self.friendly_name,
            inbound_webhook: match self.use_inbound_webhook_on_number {
                Some(true) => InboundWebhook::Number,
                Some(false) | None => InboundWebhook::Service,
            },
            inbound_url: self.inbound_request_url,
        })
    }
}

#[async_trait]
impl ServiceCarrier for TwilioCarrier {
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<MessagingService>, CarrierError> {
        let path = "/v1/Services".to_owned();
        let request = Request::get("service.list", Product::Messaging, Keys::Own, path);
        let open = |service: ServiceWire| service.open().map(Some);
        self.client.list(access, &request, open, |service| service.sid).await
    }

    async fn pool(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
    ) -> Result<Vec<NumberSid>, CarrierError> {
        let part = async |part: &str| {
            let path = format!("/v1/Services/{service}/{part}");
            let request = Request::get("service.pool", Product::Messaging, Keys::Own, path);
            let open = |member: MemberWire| {
                NumberSid::parse(&member.sid).map(Some).map_err(AnswerError::field("sid"))
            };
            self.client.list(access, &request, open, |number| *number).await
        };
        let (numbers, short_codes, senders) =
            tokio::try_join!(part("PhoneNumbers"), part("ShortCodes"), part("ChannelSenders"))?;
        let mut pool = [numbers, short_codes, senders].concat();
        pool.sort_unstable();
        Ok(pool)
    }

    async fn set_inbound_webhook(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
        webhook: InboundWebhook,
    ) -> Result<(), CarrierError> {
        let path = format!("/v1/Services/{service}");
        let request = Request::post("service.update", Product::Messaging, Keys::Own, path)
            .form([("UseInboundWebhookOnNumber", webhook.as_setting().to_owned())]);
        self.client.execute(access, &request).await
    }
}
