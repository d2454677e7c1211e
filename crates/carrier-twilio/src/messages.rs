//! Messages (Twilio, "Message resource: create").

use async_trait::async_trait;
use serde::Deserialize;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, OutgoingMessage};
use switchboard_domain::ports::carrier::MessageCarrier;
use switchboard_domain::sid::MessageSid;

use crate::TwilioCarrier;
use crate::exchange::{AnswerError, Keys, Product, Reading, Request};

#[derive(Deserialize)]
struct MessageWire {
    sid: String,
}

#[async_trait]
impl MessageCarrier for TwilioCarrier {
    async fn create(
        &self,
        access: &CarrierAccess,
        message: &OutgoingMessage,
    ) -> Result<MessageSid, CarrierError> {
        const OPERATION: &str = "message.create";
        let path = format!("/2010-04-01/Accounts/{}/Messages.json", access.account);
        let request = Request::post(OPERATION, Product::Api, Keys::OwnOrParent, path)
            .form(parameters(message));
        let created: MessageWire = self.client.ask(access, &request).await?;
        MessageSid::parse(&created.sid).map_err(AnswerError::field("sid")).during(OPERATION)
    }
}

fn parameters(message: &OutgoingMessage) -> Vec<(&'static str, String)> {
    let mut parameters = vec![("To", message.to.to_text()), ("From", message.from.to_text())];
    if let Some(service) = message.service {
        parameters.push(("MessagingServiceSid", service.to_string()));
    }
    let body = message.body.as_str();
    if !body.is_empty() {
        parameters.push(("Body", body.to_owned()));
    }
    let media = message.media.iter().map(|url| ("MediaUrl", url.as_str().to_owned()));
    parameters.extend(media);
    if let Some(callback) = &message.status_callback {
        parameters.push(("StatusCallback", callback.as_str().to_owned()));
    }
    parameters
}
