//! What would happen to a call or message.

use switchboard_application_management::routing_plans::FirstDay;
use switchboard_application_management::{Circumstances, ExplainRoute, Explanation};
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::call::{CallDirection, InboundCall};
use switchboard_domain::message::{Body, InboundMessage};
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{Attestation, CallerFacts, Country, LocalDate};
use switchboard_domain::ports::StoreError;
use switchboard_domain::sid::{CallSid, EventSid, MessageSid};
use switchboard_domain::time::Timestamp;

use crate::objects::{ExplanationObject, NumberDisplay, address, instant};
use crate::wording::Wording;

/// A hypothetical call or message.
#[derive(Clone, Debug)]
pub struct ExplanationRequest {
    /// What is called or written to.
    pub to: Address,
    /// The caller or sender.
    pub from: Address,
    /// The channel; `None` for the one that the addresses imply, or else voice.
    pub channel: Option<Channel>,
    /// The time; `None` for now, with the current calls of agents.
    pub at: Option<Timestamp>,
    /// What Twilio would report about the caller.
    pub facts: CallerFacts,
}

impl ExplanationRequest {
    /// The channel.
    pub fn channel(&self) -> Channel {
        self.channel.unwrap_or_else(|| implied([&self.to, &self.from]))
    }

    /// Checks that messages between the addresses are of the given channel. A call can be between any addresses.
    pub fn check(&self) -> Result<(), &'static str> {
        let channel = self.channel();
        let message = message(by(channel, &self.from), by(channel, &self.to));
        if channel == Channel::Voice || message.channel() == channel {
            Ok(())
        } else {
            Err("is not the channel of messages between these addresses")
        }
    }

    /// The decision, with its reason.
    pub async fn ask(
        &self,
        explaining: &ExplainRoute,
        scope: &Scope,
        now: Timestamp,
        wording: &dyn Wording,
    ) -> Result<(Explanation, ExplanationObject), StoreError> {
        let channel = self.channel();
        let (to, from) = (by(channel, &self.to), by(channel, &self.from));
        let at = self.at.unwrap_or(now);
        let counts_calls = self.at.is_none();
        let circumstances = Circumstances { at, facts: self.facts.clone(), counts_calls };
        let shown = |side: &Address| address(side, NumberDisplay::Revealed);
        let (to_text, from_text) = (shown(&to), shown(&from));
        let explanation = if channel == Channel::Voice {
            let direction = CallDirection::Inbound;
            let call = InboundCall { call: CallSid::SUPPOSED, from, to, direction };
            explaining.call(scope, &call, &circumstances).await?
        } else {
            explaining.message(scope, &message(from, to), &circumstances).await?
        };
        let object = ExplanationObject {
            to: to_text,
            from: from_text,
            channel: channel.as_str().into(),
            at: instant(at),
            ..ExplanationObject::of(&explanation, wording)
        };
        Ok((explanation, object))
    }
}

/// A hypothetical message.
fn message(from: Address, to: Address) -> InboundMessage {
    let (message, body) = (MessageSid::SUPPOSED, Body::new(""));
    InboundMessage { message, from, to, body, media_count: 0 }
}

/// The channel that addresses imply, or else voice.
pub fn implied<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Channel {
    let mut channels = addresses.into_iter().map(Address::message_channel);
    channels.find(|channel| *channel != Channel::Sms).unwrap_or(Channel::Voice)
}

/// Parses a channel.
pub fn channel(text: &str) -> Result<Channel, &'static str> {
    Channel::parse(text).ok_or("is neither voice, sms, whatsapp, rcs nor messenger")
}

/// The SID of a hypothetical call or message.
pub const fn sid(channel: Channel) -> EventSid {
    match channel {
        Channel::Voice => EventSid::Call(CallSid::SUPPOSED),
        Channel::Sms | Channel::WhatsApp | Channel::Rcs | Channel::Messenger => {
            EventSid::Message(MessageSid::SUPPOSED)
        }
    }
}

/// Parses a country as Twilio reports it.
pub fn country(text: &str) -> Result<Country, &'static str> {
    match Country::parse(text) {
        Some(country) if country.as_str() == "UK" => {
            Err("is not a country code; the United Kingdom is GB")
        }
        found => found.ok_or("is not a country by two letters, such as US"),
    }
}

/// Parses a STIR/SHAKEN attestation.
pub fn attestation(text: &str) -> Result<Attestation, &'static str> {
    Attestation::parse(text).ok_or("is neither A, B nor C")
}

/// Parses a day (UTC) or an RFC 3339 time; `None` for `now`.
pub fn time(text: &str) -> Result<Option<Timestamp>, &'static str> {
    if text == "now" {
        return Ok(None);
    }
    crate::when::point(text).filter(|at| crate::when::is_storable(*at)).map(Some).ok_or(
        "is neither now, a day such as 2026-11-27, nor a time such as 2026-11-27T17:00:00-05:00",
    )
}

/// Parses the first day of a simulation: a date, an RFC 3339 time, or `now`.
pub fn first_day(text: &str) -> Result<FirstDay, &'static str> {
    if let Some(date) = LocalDate::parse(text) {
        return Ok(FirstDay::Date(date));
    }
    Ok(time(text)?.map_or(FirstDay::Today, FirstDay::At))
}

/// A phone number as Twilio writes it on a channel.
fn by(channel: Channel, address: &Address) -> Address {
    match (channel, address) {
        (Channel::WhatsApp, Address::Phone(number)) => Address::WhatsApp(*number),
        (Channel::Rcs, Address::Phone(number)) => Address::RcsPhone(*number),
        _ => address.clone(),
    }
}
