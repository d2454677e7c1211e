//! Numbers and short codes (Twilio, "`IncomingPhoneNumber` resource", "`ShortCode` resource" and "Inbound Processing Region
//! API").

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value};
use switchboard_domain::carrier::{
    Capabilities, CarrierAccess, CarrierError, CarrierNumber, Region,
};
use switchboard_domain::configuration::{Configuration, Part};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::NumberCarrier;
use switchboard_domain::sender::{Sender, SenderKind};
use switchboard_domain::sid::{AccountSid, NumberSid};
use tracing::debug;

use crate::TwilioCarrier;
use crate::exchange::{AnswerError, Keys, Product, Reading, Request};
use crate::wire::{configuration, parameter, text};

#[derive(Deserialize)]
struct NumberWire {
    sid: String,
    #[serde(alias = "short_code", deserialize_with = "text")]
    phone_number: String,
    account_sid: String,
    #[serde(default)]
    capabilities: Option<CapabilitiesWire>,
    #[serde(flatten)]
    settings: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CapabilitiesWire {
    voice: bool,
    #[serde(alias = "SMS")]
    sms: bool,
    #[serde(alias = "MMS")]
    mms: bool,
}

#[derive(Deserialize)]
struct RouteWire {
    #[serde(default, deserialize_with = "text")]
    voice_region: String,
}

impl NumberWire {
    fn open(self) -> Result<CarrierNumber, AnswerError> {
        let sid = NumberSid::parse(&self.sid).map_err(AnswerError::field("sid"))?;
        let sender = Sender::parse(&self.phone_number);
        let of_number = self.capabilities.unwrap_or_default();
        let capabilities =
            CapabilitiesWire { sms: of_number.sms || sid.is_short_code(), ..of_number };
        Ok(CarrierNumber {
            sid,
            sender: sender.map_err(AnswerError::field("phone_number"))?,
            account: AccountSid::parse(&self.account_sid)
                .map_err(AnswerError::field("account_sid"))?,
            capabilities: Capabilities {
                voice: capabilities.voice,
                sms: capabilities.sms,
                mms: capabilities.mms,
            },
            configuration: configuration(Part::Number, &self.settings),
        })
    }

    /// Like the conversion of a single number, but skips those that are neither in E.164 nor a short code.
    fn open_listed(self) -> Result<Option<CarrierNumber>, AnswerError> {
        if Sender::parse(&self.phone_number).is_err() {
            debug!(
                number.sid = self.sid,
                "passed over a number that is neither in E.164 nor a short code"
            );
            return Ok(None);
        }
        self.open().map(Some)
    }
}

#[async_trait]
impl NumberCarrier for TwilioCarrier {
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierNumber>, CarrierError> {
        // The list of numbers can contain short codes, which have a list of their own.
        let numbers = self.numbers("number.list", access, path(access, NUMBERS)).await?;
        Ok(numbers.into_iter().filter(|number| number.sender.as_number().is_some()).collect())
    }

    async fn short_codes(
        &self,
        access: &CarrierAccess,
    ) -> Result<Vec<CarrierNumber>, CarrierError> {
        self.numbers("short_code.list", access, path(access, SHORT_CODES)).await
    }

    async fn find(
        &self,
        access: &CarrierAccess,
        sender: Sender,
    ) -> Result<Option<CarrierNumber>, CarrierError> {
        // The filter also matches parts of numbers, so the result is compared with the whole number.
        let path = match sender.kind() {
            SenderKind::Number => {
                let digits = sender.as_str().trim_start_matches('+');
                format!("{}?PhoneNumber=%2B{digits}", path(access, NUMBERS))
            }
            SenderKind::ShortCode => {
                format!("{}?ShortCode={}", path(access, SHORT_CODES), sender.as_str())
            }
            SenderKind::WhatsApp | SenderKind::Rcs | SenderKind::Messenger => return Ok(None),
        };
        let numbers = self.numbers("number.find", access, path).await?;
        Ok(numbers.into_iter().find(|number| number.sender == sender))
    }

    async fn update(
        &self,
        access: &CarrierAccess,
        number: NumberSid,
        changes: &Configuration,
    ) -> Result<CarrierNumber, CarrierError> {
        const OPERATION: &str = "number.update";
        let changes = changes.of(Part::Number);
        let list = if number.is_short_code() { SHORT_CODES } else { NUMBERS };
        let path = path(access, &format!("{list}/{number}"));
        let request = if changes.is_empty() {
            Request::get(OPERATION, Product::Api, Keys::OwnOrParent, path)
        } else {
            let fields = changes.iter().map(|(field, value)| (parameter(field), value.to_owned()));
            Request::post(OPERATION, Product::Api, Keys::OwnOrParent, path).form(fields)
        };
        self.client.ask::<NumberWire>(access, &request).await?.open().during(OPERATION)
    }

    async fn region(
        &self,
        access: &CarrierAccess,
        phone_number: PhoneNumber,
    ) -> Result<Option<Region>, CarrierError> {
        const OPERATION: &str = "number.region";
        let path = format!("/v2/PhoneNumbers/{}", phone_number.as_str());
        let request = Request::get(OPERATION, Product::Routes, Keys::Own, path);
        let Some(route) = self.client.look_up::<RouteWire>(access, &request).await? else {
            return Ok(None);
        };
        // A number that was never moved to a region may have no record.
        if route.voice_region.is_empty() {
            return Ok(Some(Region::default()));
        }
        let region =
            route.voice_region.parse::<Region>().map_err(AnswerError::field("voice_region"));
        region.map(Some).during(OPERATION)
    }
}

impl TwilioCarrier {
    async fn numbers(
        &self,
        operation: &'static str,
        access: &CarrierAccess,
        path: String,
    ) -> Result<Vec<CarrierNumber>, CarrierError> {
        let request = Request::get(operation, Product::Api, Keys::OwnOrParent, path);
        let key = |number: &CarrierNumber| number.sender;
        self.client.list(access, &request, NumberWire::open_listed, key).await
    }
}

const NUMBERS: &str = "IncomingPhoneNumbers";
const SHORT_CODES: &str = "SMS/ShortCodes";

fn path(access: &CarrierAccess, resource: &str) -> String {
    format!("/2010-04-01/Accounts/{}/{resource}.json", access.account)
}
