//! Requests for TwiML and status callbacks of a call.

use crate::address::Address;
use crate::field::{FieldError, optional_number, optional_text, required_text};
use crate::field_smuggling::call_fields;
use crate::form::Form;
use crate::sid::CallSid;
use crate::status::{CallProgress, CallStatus};
use crate::time::Timestamp;

/// Twilio's `Direction` of a call, which determines whether `From` or `To` is our address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallDirection {
    /// `inbound`: a caller dialed one of our numbers, `To`.
    Inbound,
    /// `outbound-api`: Twilio placed the call through its API from one of our numbers, `From`.
    OutboundApi,
    /// `outbound-dial`: a `<Dial>` placed the call. `From` is often the original caller, so neither address is known
    /// to be ours.
    OutboundDial,
}

impl CallDirection {
    /// Parses `Direction`. Twilio may add values: an unknown one that starts with `outbound` counts as `outbound-api`,
    /// and any other value or none as `inbound`.
    fn parse(text: Option<&str>) -> Self {
        match text {
            Some("outbound-dial") => Self::OutboundDial,
            Some(direction) if direction.starts_with("outbound") => Self::OutboundApi,
            _ => Self::Inbound,
        }
    }

    /// Twilio's word for the direction.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundDial => "outbound-dial",
        }
    }

    /// Parses a stored direction; `None` for any other text.
    pub fn parse_stored(text: &str) -> Option<Self> {
        [Self::Inbound, Self::OutboundApi, Self::OutboundDial]
            .into_iter()
            .find(|direction| direction.as_str() == text)
    }

    const fn own_address<T>(self, from: T, to: T) -> Option<T>
    where
        T: Copy,
    {
        match self {
            Self::Inbound => Some(to),
            Self::OutboundApi => Some(from),
            Self::OutboundDial => None,
        }
    }
}

/// A request for the TwiML of a call (Twilio, "TwiML Voice: request parameters").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundCall {
    /// SID of the call.
    pub call: CallSid,
    /// Address of the caller.
    pub from: Address,
    /// Address that was called.
    pub to: Address,
    /// Direction of the call.
    pub direction: CallDirection,
}

impl InboundCall {
    /// Parses the fields that routing depends on; each must be present once and valid by its grammar.
    pub fn parse(form: &Form) -> Result<Self, FieldError> {
        let form = form.in_signed_order();
        let fields = call_fields(&form)?;
        Ok(Self {
            call: required_text("CallSid", fields.call, |text| CallSid::parse(text).ok())?,
            from: required_text("From", fields.from, |text| Address::parse_caller(text).ok())?,
            to: required_text("To", fields.to, |text| Address::parse(text).ok())?,
            direction: CallDirection::parse(fields.direction),
        })
    }

    /// Our address in the call; `None` if it cannot be determined.
    pub const fn own_address(&self) -> Option<&Address> {
        self.direction.own_address(&self.from, &self.to)
    }
}

/// A status callback of a call (Twilio, "Call status callbacks").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEvent {
    /// SID of the call.
    pub call: CallSid,
    /// Address of the caller; `None` if the callback does not name one.
    pub from: Option<Address>,
    /// Address that was called; `None` if the callback does not name one.
    pub to: Option<Address>,
    /// Direction of the call.
    pub direction: CallDirection,
    /// The reported state.
    pub progress: CallProgress,
}

impl CallEvent {
    /// Parses a status callback. Returns `None` if the form reports no known state of a call.
    pub(crate) fn parse(form: &Form, at: Timestamp) -> Result<Option<Self>, FieldError> {
        let form = form.in_signed_order();
        let fields = call_fields(&form)?;
        let call = required_text("CallSid", fields.call, |text| CallSid::parse(text).ok())?;
        // Twilio may add states: an unknown one does not refuse the callback.
        let Some(status) = fields.status.and_then(CallStatus::parse) else {
            return Ok(None);
        };
        let duration_seconds = optional_number(&form, "CallDuration")?;
        Ok(Some(Self {
            call,
            from: optional_text("From", fields.from, |text| Address::parse_caller(text).ok())?,
            to: optional_text("To", fields.to, |text| Address::parse_caller(text).ok())?,
            direction: CallDirection::parse(fields.direction),
            progress: CallProgress { status, duration_seconds, at },
        }))
    }

    /// Our address in the call; `None` if it cannot be determined.
    pub const fn own_address(&self) -> Option<&Address> {
        match self.direction.own_address(&self.from, &self.to) {
            Some(address) => address.as_ref(),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::InboundCall;
    use crate::form::Form;

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    fn parse(form: &str) -> Result<InboundCall, String> {
        InboundCall::parse(&Form::parse(form.as_bytes()).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn our_address_is_the_called_one_unless_the_call_is_outbound_and_unknown_for_a_dialed_leg() {
        let inbound = parse(&format!(
            "CallSid=CA{DIGITS}&From=%2B14155550199&To=%2B14155550100&Direction=inbound"
        ));
        assert_eq!(inbound.unwrap().own_address().unwrap().to_text(), "+14155550100");
        let outbound = parse(&format!(
            "CallSid=CA{DIGITS}&From=%2B14155550100&To=%2B14155550199&Direction=outbound-api"
        ));
        assert_eq!(outbound.unwrap().own_address().unwrap().to_text(), "+14155550100");
        let dialed = parse(&format!(
            "CallSid=CA{DIGITS}&From=%2B14155550199&To=%2B14155550101&Direction=outbound-dial"
        ));
        assert_eq!(dialed.unwrap().own_address(), None);
    }

    #[test]
    fn a_missing_or_folded_field_is_refused() {
        assert_eq!(
            parse(&format!("CallSid=CA{DIGITS}&To=%2B14155550100")).unwrap_err(),
            "field From is missing"
        );
        let folded =
            parse(&format!("CallSid=CA{DIGITS}&From=%2B14155550199FromCityX&To=%2B14155550100"));
        assert_eq!(folded.unwrap_err(), "field From is malformed");
    }
}
