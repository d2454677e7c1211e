//! What the endpoints decide about a form.

use switchboard_domain::address::Address;
use switchboard_domain::call::{ConnectionEnd, FollowUp, InboundCall};
use switchboard_domain::claimed_account::{FieldSource, claimed_account};
use switchboard_domain::form::Form;
use switchboard_domain::message::InboundMessage;
use switchboard_domain::status_callback::StatusEvent;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::LinkUse;
use url::form_urlencoded::Serializer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Voice,
    Message,
    Status,
    Connected,
    Handler,
}

impl Endpoint {
    const fn path(self) -> &'static str {
        match self {
            Self::Voice => "/api/twilio/voice",
            Self::Message => "/api/twilio/webhook",
            Self::Status => "/api/twilio/status",
            Self::Connected => "/api/twilio/voice/connected",
            Self::Handler => "/api/twilio/voice/handler?next=t.agt_0.aHR0cHM.AAAA",
        }
    }
}

pub(crate) type Fields<'a> = Vec<(&'a str, &'a str)>;

/// What an endpoint decides about the fields, as text; `None` if it ignores them, an error if it refuses them.
pub(crate) fn decide(endpoint: Endpoint, fields: &Fields<'_>) -> Result<Option<String>, String> {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let form = Form::parse(body.as_bytes()).map_err(|error| error.to_string())?;
    let source = FieldSource::Body { target: endpoint.path() };
    let account = claimed_account(&form, source).map_err(|error| error.to_string())?;
    let decided = match endpoint {
        Endpoint::Voice => InboundCall::parse(&form).map(|call| Some(of_call(&call))),
        Endpoint::Message => InboundMessage::parse(&form).map(|message| {
            let (from, to) = (message.from.to_text(), message.to.to_text());
            Some(format!("{} {from} {to}", message.message))
        }),
        Endpoint::Status => StatusEvent::parse(&form, Timestamp::from_seconds(0)).map(of_status),
        Endpoint::Handler => FollowUp::parse(&form, LinkUse::Twiml).map(|follow_up| {
            let call = follow_up.call.as_ref().map(of_call);
            Some(format!("{call:?} {}", follow_up.call_ended))
        }),
        Endpoint::Connected => ConnectionEnd::parse(&form).and_then(|end| {
            let call = of_call(&InboundCall::parse(&form)?);
            let recording =
                end.recording.as_ref().map(|recording| recording.url.as_str().to_owned());
            Ok(Some(format!(
                "{call} {} {:?} {} {} {recording:?}",
                end.call,
                end.error_code(),
                end.failure.is_some(),
                end.call_ended
            )))
        }),
    };
    let decided = decided.map_err(|error| error.to_string())?;
    Ok(decided.map(|decided| format!("{account} {decided}")))
}

fn of_call(call: &InboundCall) -> String {
    let (from, to) = (call.from.to_text(), call.to.to_text());
    format!("{} {from} {to} {:?}", call.call, call.direction)
}

fn of_status(event: StatusEvent) -> Option<String> {
    let text = |address: Option<Address>| address.map(|address| address.to_text());
    match event {
        StatusEvent::Call(event) => Some(format!(
            "{} {:?} {:?} {:?} {:?} {:?}",
            event.call,
            text(event.from),
            text(event.to),
            event.direction,
            event.progress.status,
            event.progress.duration_seconds
        )),
        StatusEvent::Message(event) => Some(format!(
            "{} {:?} {:?} {:?} {:?}",
            event.message,
            text(event.from),
            text(event.to),
            event.status,
            event.error_code
        )),
        // What happened to a stream is shown to operators, and decides nothing.
        StatusEvent::Stream(_) | StatusEvent::Other => None,
    }
}
