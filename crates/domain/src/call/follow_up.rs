//! Requests that the TwiML of a handler asks for.

use super::request::{CallDirection, InboundCall};
use crate::address::Address;
use crate::field::FieldError;
use crate::field_smuggling::refuse_other_caller;
use crate::form::Form;
use crate::sid::CallSid;
use crate::status::CallStatus;
use crate::twiml::LinkUse;

/// A request that the `TwiML` of a handler asks for: the next document of a call, or a callback.
///
/// A callback has the fields of what it reports: of a recording or of a conference it names no caller. Nothing is decided
/// by them, so they are not required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The call; `None` if a callback names none.
    pub call: Option<InboundCall>,
    /// Whether the call has ended, so that no `TwiML` is executed any more.
    pub call_ended: bool,
}

impl FollowUp {
    /// Parses a request for what a link is used for.
    pub fn parse(form: &Form, used: LinkUse) -> Result<Self, FieldError> {
        let call = match (InboundCall::parse(form), used) {
            (Ok(call), _) => {
                refuse_other_caller(&form.in_signed_order())?;
                Some(call)
            }
            (Err(error), LinkUse::Twiml) => return Err(error),
            (Err(_), LinkUse::Callback) => None,
        };
        let status = form.only("CallStatus")?.and_then(CallStatus::parse);
        Ok(Self { call, call_ended: status.is_some_and(CallStatus::is_final) })
    }

    /// SID of the call; `None` if a callback names none.
    pub fn sid(&self) -> Option<CallSid> {
        self.call.as_ref().map(|call| call.call)
    }

    /// Our address in the call; `None` if it cannot be determined, for example for a dialed leg.
    pub fn own_address(&self) -> Option<&Address> {
        self.call.as_ref().and_then(InboundCall::own_address)
    }

    /// Whether the request is about a leg that `<Dial>` placed.
    pub fn is_dialed(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.direction == CallDirection::OutboundDial)
    }
}

#[cfg(test)]
mod tests {
    use super::FollowUp;
    use crate::form::Form;
    use crate::twiml::LinkUse;

    fn parse(form: &str, used: LinkUse) -> Result<FollowUp, String> {
        let form = form.replace("SID", "0123456789abcdef0123456789abcdef");
        FollowUp::parse(&Form::parse(form.as_bytes()).unwrap(), used)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_document_is_requested_for_a_call_and_a_callback_may_name_none() {
        let call =
            "CallSid=CASID&CallStatus=in-progress&Digits=5&From=%2B14155550199&To=%2B14155550100";
        for used in [LinkUse::Twiml, LinkUse::Callback] {
            let follow_up = parse(call, used).unwrap();
            assert!(follow_up.sid().is_some() && !follow_up.call_ended && !follow_up.is_dialed());
            assert_eq!(follow_up.own_address().unwrap().to_text(), "+14155550100");
        }
        let conference =
            "CallSidEndingConference=CASID&ConferenceSid=CFSID&StatusCallbackEvent=conference-end";
        assert_eq!(parse(conference, LinkUse::Callback).unwrap().call, None);
        assert_eq!(parse(conference, LinkUse::Twiml).unwrap_err(), "field CallSid is malformed");
        let ended = call.replace("in-progress", "completed");
        assert!(parse(&ended, LinkUse::Twiml).unwrap().call_ended);
    }

    #[test]
    fn a_caller_id_that_spells_from_becomes_no_other_caller() {
        let before = "CallSid=CASID&CallStatus=in-progress&Called=%2B14155550100";
        let behind = "&SpeechResult=hello&To=%2B14155550100";
        let genuine = |caller: &str, from: &str| {
            format!("{before}&Caller={caller}&Digits=5&Direction=inbound&From={from}{behind}")
        };
        for (caller, from) in [
            ("JoFromz", "JoFromz"),
            ("JoFromclient:boss", "JoFromclient:boss"),
            ("", "anonymous"),
            ("Anonymous", "anonymous"),
            ("", ""),
            ("", "client:FromTheWebsite"),
        ] {
            parse(&genuine(caller, from), LinkUse::Twiml).unwrap();
        }
        // The signed text stays the same: the genuine `From` is hidden in the field before.
        for (caller, from) in [
            ("Caller=&CallerFromzDigits=5", "FinishedOnKey=%23FromCallerFromz&From=z"),
            ("CallerJoFrom=client:bossDigits5", "Fin=ishedOnKey%23FromJo&From=client:boss"),
            (
                "Caller=%2B14155550177&CallerFrom=%2B14155550177FromCityDigits5",
                "FinishedOnKey=%23From%2B14155550177Caller&From=%2B14155550177&FromCity=",
            ),
            ("Caller=&CityXFrom=anonymousDigits5", "Fin=x%23FromCityX&From=anonymous"),
        ] {
            let forged = format!("{before}&{caller}&Direction=inbound&{from}{behind}");
            for used in [LinkUse::Twiml, LinkUse::Callback] {
                assert_eq!(
                    parse(&forged, used).unwrap_err(),
                    "field From is malformed",
                    "{forged}"
                );
            }
        }
    }
}
