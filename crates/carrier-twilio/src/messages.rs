//! Messages (Twilio, "Message resource: create").

use async_trait::async_trait;
use jiff::fmt::rfc2822;
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_domain::address::Address;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, OutgoingMessage};
use switchboard_domain::delivery::Sighting;
use switchboard_domain::message::Body;
use switchboard_domain::ports::carrier::{ComposeMessage, MessageCarrier};
use switchboard_domain::sid::MessageSid;
use switchboard_domain::time::Timestamp;
use url::form_urlencoded;

use crate::TwilioCarrier;
use crate::exchange::{AnswerError, FieldError, Keys, Product, Reading, Request};
use crate::wire::text;

#[derive(Deserialize)]
struct MessageWire {
    sid: String,
}

#[derive(Deserialize)]
struct PageWire {
    messages: Vec<ListedWire>,
}

#[derive(Deserialize)]
struct ListedWire {
    sid: String,
    #[serde(default, deserialize_with = "text")]
    body: String,
    date_created: String,
}

#[async_trait]
impl MessageCarrier for TwilioCarrier {
    async fn create(
        &self,
        access: &CarrierAccess,
        message: &dyn ComposeMessage,
    ) -> Result<Option<MessageSid>, CarrierError> {
        const OPERATION: &str = "message.create";
        let path = format!("/2010-04-01/Accounts/{}/Messages.json", access.account);
        let request = Request::post(OPERATION, Product::Api, Keys::OwnOrParent, path);
        let created: Option<MessageWire> =
            self.client.ask_composed(access, &request, message, parameters).await?;
        let Some(created) = created else { return Ok(None) };
        let sid = MessageSid::parse(&created.sid).map_err(AnswerError::field("sid"));
        sid.during(OPERATION).map(Some)
    }

    async fn sent(
        &self,
        access: &CarrierAccess,
        from: &Address,
        to: &Address,
    ) -> Result<Vec<Sighting>, CarrierError> {
        const OPERATION: &str = "message.list";
        // `DateSent` would leave out messages that wait to be sent.
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("From", &from.to_text())
            .append_pair("To", &to.to_text())
            .append_pair("PageSize", "100")
            .finish();
        let path = format!("/2010-04-01/Accounts/{}/Messages.json?{query}", access.account);
        let request = Request::get(OPERATION, Product::Api, Keys::OwnOrParent, path);
        let page: PageWire = self.client.ask(access, &request).await?;
        page.messages.into_iter().map(|message| message.open().during(OPERATION)).collect()
    }
}

impl ListedWire {
    fn open(self) -> Result<Sighting, AnswerError> {
        let created_at = rfc2822::parse(&self.date_created).map_err(|_not_a_date| FieldError::Date);
        let created_at = created_at.map_err(AnswerError::field("date_created"))?;
        Ok(Sighting {
            sid: MessageSid::parse(&self.sid).map_err(AnswerError::field("sid"))?,
            body: Body::new(&self.body),
            created_at: Timestamp::from_micros(created_at.timestamp().as_microsecond()),
        })
    }
}

fn parameters(message: &OutgoingMessage) -> Vec<(&'static str, String)> {
    let mut parameters = vec![("To", message.to.to_text()), ("From", message.from.to_text())];
    if let Some(service) = message.service {
        parameters.push(("MessagingServiceSid", service.to_string()));
    }
    if let Some(template) = &message.template {
        let variables = template.variables.iter().map(|(name, value)| (name.clone(), json!(value)));
        let variables = Value::Object(variables.collect());
        parameters.push(("ContentSid", template.content.to_string()));
        parameters.push(("ContentVariables", variables.to_string()));
    } else {
        let body = message.body.as_str();
        if !body.is_empty() {
            parameters.push(("Body", body.to_owned()));
        }
        let media = message.media.iter().map(|url| ("MediaUrl", url.as_str().to_owned()));
        parameters.extend(media);
    }
    if let Some(callback) = &message.status_callback {
        parameters.push(("StatusCallback", callback.as_str().to_owned()));
    }
    parameters
}
