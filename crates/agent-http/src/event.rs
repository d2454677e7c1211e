//! The endpoints of subscriptions, which receive events.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use serde_json::Value;
use switchboard_domain::address::Address;
use switchboard_domain::event::{Event, EventValue};
use switchboard_domain::ports::{EndpointError, EventEndpoint};
use switchboard_domain::secret::Secret;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;
use tokio::time::Instant;
use url::Url;

use crate::exchange::{Exchange, unreachable};
use crate::network::{Network, NetworkError};
use crate::signing_secret::SigningSecret;

const JSON: &str = "application/json";
/// The timeout of a request, from name resolution to the response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Delivers events over HTTP with a JSON `POST`, signed as specified by Standard Webhooks 1.0 with the id of the event as
/// `webhook-id`. Redirects are not followed, and the body of the response does not matter.
pub struct HttpEventEndpoint {
    exchange: Exchange,
}

impl HttpEventEndpoint {
    /// Creates a client. It connects on the first request.
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        Ok(Self { exchange: Exchange::new(network)? })
    }
}

#[async_trait]
impl EventEndpoint for HttpEventEndpoint {
    async fn deliver(
        &self,
        target: &WebUrl,
        secrets: &[Secret],
        event: &Event,
        at: Timestamp,
    ) -> Result<(), EndpointError> {
        let url = Url::parse(target.as_str()).map_err(unreachable)?;
        let body = serialize(event).map_err(unreachable)?;
        let id = event.id.as_str();
        let secrets = secrets.iter().filter_map(SigningSecret::parse);
        let signatures: Vec<_> = secrets.map(|secret| secret.sign(id, at, &body)).collect();
        let deadline = Instant::now() + TIMEOUT;
        let answered =
            self.exchange.post_for_status(url, &event.organization, deadline, |request| {
                request
                    .header(ACCEPT, "*/*")
                    .header(CONTENT_TYPE, JSON)
                    .header("webhook-id", id)
                    .header("webhook-timestamp", at.seconds())
                    .header("webhook-signature", signatures.join(" "))
                    .body(body)
            });
        answered.await
    }
}

impl fmt::Debug for HttpEventEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpEventEndpoint").finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct EventBody<'e> {
    r#type: &'static str,
    timestamp: String,
    data: BTreeMap<&'e str, Value>,
}

/// Serializes an event as JSON. The same bytes are signed and sent, in every attempt unless the contact is erased.
fn serialize(event: &Event) -> Result<Vec<u8>, serde_json::Error> {
    let mut data: BTreeMap<_, _> =
        event.data.fields().map(|(name, of)| (name, value(of))).collect();
    let address = |side: &Option<Address>| Value::from(side.as_ref().map(Address::to_text));
    data.insert("organization", event.organization.as_str().into());
    data.insert("account_sid", event.account.as_str().into());
    data.insert("direction", event.direction.as_str().into());
    data.insert("from", address(&event.from));
    data.insert("to", address(&event.to));
    let timestamp = jiff::Timestamp::from_millisecond(event.at.millis()).unwrap_or_default();
    let (r#type, timestamp) = (event.kind.as_str(), timestamp.to_string());
    serde_json::to_vec(&EventBody { r#type, timestamp, data })
}

fn value(value: &EventValue) -> Value {
    match value {
        EventValue::None => Value::Null,
        EventValue::Number(number) => Value::from(*number),
        EventValue::Text(text) => Value::from(text.as_str()),
    }
}
