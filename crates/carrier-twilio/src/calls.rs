//! Calls in progress (Twilio, "Call resource: update").

use async_trait::async_trait;
use switchboard_domain::carrier::{CallUpdate, CarrierAccess, CarrierError};
use switchboard_domain::ports::carrier::CallCarrier;
use switchboard_domain::sid::CallSid;

use crate::TwilioCarrier;
use crate::exchange::{Keys, Product, Request};

#[async_trait]
impl CallCarrier for TwilioCarrier {
    async fn update(
        &self,
        access: &CarrierAccess,
        call: CallSid,
        update: &CallUpdate,
    ) -> Result<(), CarrierError> {
        let path = format!("/2010-04-01/Accounts/{}/Calls/{call}.json", access.account);
        let request = Request::post("call.update", Product::Api, Keys::OwnOrParent, path)
            .form(parameters(update));
        self.client.execute(access, &request).await
    }
}

fn parameters(update: &CallUpdate) -> Vec<(&'static str, String)> {
    match update {
        CallUpdate::Redirect(url) => {
            vec![("Url", url.as_str().to_owned()), ("Method", "POST".to_owned())]
        }
        CallUpdate::Continue(twiml) => vec![("Twiml", twiml.as_str().to_owned())],
        CallUpdate::Complete => vec![("Status", "completed".to_owned())],
    }
}
