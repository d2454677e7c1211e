//! WhatsApp and RCS senders (Twilio, "Channels Senders API", version 2).

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::carrier::{CarrierAccess, CarrierError, CarrierSender};
use switchboard_domain::configuration::{Configuration, Part};
use switchboard_domain::ports::carrier::SenderCarrier;
use switchboard_domain::sid::SenderSid;
use tracing::debug;

use crate::TwilioCarrier;
use crate::exchange::{AnswerError, Keys, Product, Reading, Request};
use crate::wire::{configuration, json_name, text};

#[derive(Deserialize)]
struct SenderWire {
    sid: String,
    #[serde(deserialize_with = "text")]
    sender_id: String,
    #[serde(default)]
    webhook: Option<Map<String, Value>>,
}

impl SenderWire {
    /// Converts a sender, or returns `None` if its address has an unknown format.
    fn open(self) -> Result<Option<CarrierSender>, AnswerError> {
        let sid = SenderSid::parse(&self.sid).map_err(AnswerError::field("sid"))?;
        let Ok(address) = Address::parse(&self.sender_id) else {
            debug!(sender.sid = %sid, "passed over a sender with an unknown kind of address");
            return Ok(None);
        };
        let webhook = self.webhook.unwrap_or_default();
        Ok(Some(CarrierSender {
            sid,
            address,
            configuration: configuration(Part::Sender, &webhook),
        }))
    }
}

#[async_trait]
impl SenderCarrier for TwilioCarrier {
    async fn list(
        &self,
        access: &CarrierAccess,
        channel: Channel,
    ) -> Result<Vec<CarrierSender>, CarrierError> {
        if !matches!(channel, Channel::WhatsApp | Channel::Rcs) {
            return Ok(Vec::new());
        }
        let path = format!("/v2/Channels/Senders?Channel={}", channel.as_str());
        let request = Request::get("sender.list", Product::Messaging, Keys::Own, path);
        self.client.list(access, &request, SenderWire::open, |sender| sender.sid).await
    }

    async fn fetch(
        &self,
        access: &CarrierAccess,
        sender: SenderSid,
    ) -> Result<Option<CarrierSender>, CarrierError> {
        const OPERATION: &str = "sender.fetch";
        let request = Request::get(OPERATION, Product::Messaging, Keys::Own, sender_path(sender));
        let found = self.client.look_up::<SenderWire>(access, &request).await?;
        found.map_or(Ok(None), SenderWire::open).during(OPERATION)
    }

    async fn update(
        &self,
        access: &CarrierAccess,
        sender: SenderSid,
        changes: &Configuration,
    ) -> Result<(), CarrierError> {
        const OPERATION: &str = "sender.update";
        let path = sender_path(sender);
        let request = Request::get(OPERATION, Product::Messaging, Keys::Own, path.clone());
        let current: SenderWire = self.client.ask(access, &request).await?;
        let changes = changes.of(Part::Sender);
        if changes.is_empty() {
            return Ok(());
        }
        let webhook = merged(current.webhook.unwrap_or_default(), &changes);
        let request = Request::post(OPERATION, Product::Messaging, Keys::Own, path)
            .json(json!({ "webhook": webhook }));
        self.client.execute(access, &request).await
    }
}

fn sender_path(sender: SenderSid) -> String {
    format!("/v2/Channels/Senders/{sender}")
}

/// The complete webhook, because an update replaces all of it. Unset fields are `null`.
fn merged(mut webhook: Map<String, Value>, changes: &Configuration) -> Map<String, Value> {
    for (field, value) in changes.iter() {
        let value = if value.is_empty() { Value::Null } else { Value::from(value) };
        webhook.insert(json_name(field).to_owned(), value);
    }
    webhook
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard_domain::configuration::{Configuration, Field};

    use super::merged;

    #[test]
    fn what_is_not_changed_stays_and_what_is_cleared_is_null() {
        let webhook = json!({"callback_url": "https://a", "fallback_url": "https://f", "new": 1});
        let changes = Configuration::new()
            .with(Field::SenderCallbackUrl, "https://b")
            .with(Field::SenderFallbackUrl, "");
        let merged = merged(webhook.as_object().unwrap().clone(), &changes);
        let expected = json!({"callback_url": "https://b", "fallback_url": null, "new": 1});
        assert_eq!(Some(&merged), expected.as_object());
    }
}
