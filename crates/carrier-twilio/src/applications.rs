//! `TwiML` applications (Twilio, "Application resource").

use async_trait::async_trait;
use serde::Deserialize;
use switchboard_domain::carrier::{CarrierAccess, CarrierApplication, CarrierError};
use switchboard_domain::ports::carrier::ApplicationCarrier;
use switchboard_domain::sid::ApplicationSid;

use crate::TwilioCarrier;
use crate::exchange::{AnswerError, Keys, Product, Request};
use crate::wire::text;

#[derive(Deserialize)]
struct ApplicationWire {
    sid: String,
    #[serde(default, deserialize_with = "text")]
    friendly_name: String,
    #[serde(default, deserialize_with = "text")]
    voice_url: String,
    #[serde(default, deserialize_with = "text")]
    sms_url: String,
}

impl ApplicationWire {
    fn open(self) -> Result<CarrierApplication, AnswerError> {
        Ok(CarrierApplication {
            sid: ApplicationSid::parse(&self.sid).map_err(AnswerError::field("sid"))?,
            name: self.friendly_name,
            voice_url: self.voice_url,
            sms_url: self.sms_url,
        })
    }
}

#[async_trait]
impl ApplicationCarrier for TwilioCarrier {
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierApplication>, CarrierError> {
        let path = format!("/2010-04-01/Accounts/{}/Applications.json", access.account);
        let request = Request::get("application.list", Product::Api, Keys::OwnOrParent, path);
        let open = |application: ApplicationWire| application.open().map(Some);
        self.client.list(access, &request, open, |application| application.sid).await
    }
}
