//! Requests to an `action` URL: one step of a call has ended.

use std::fmt;

use super::timeline::{DialFailure, FailureCause};
use crate::field::{FieldError, optional, optional_number, required};
use crate::field_smuggling::{has_stream_failed, refuse_other_caller, refuse_replaced_outcome};
use crate::form::Form;
use crate::sid::CallSid;
use crate::status::CallStatus;
use crate::web_address::WebUrl;

/// A request that Twilio sends when a step of a call has ended: a stream, a `ConversationRelay`, a dialed party, a
/// recording or a queue (Twilio, "TwiML Connect: action", "`ConversationRelay`: action", "Dial: action", "Record:
/// action", "Enqueue: action").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionEnd {
    /// SID of the call.
    pub call: CallSid,
    /// Why the step failed, so that the next attempt must take the caller; `None` if it did not fail.
    pub failure: Option<FailureCause>,
    /// Whether the call itself has ended, for example because the caller hung up.
    pub call_ended: bool,
    /// What was recorded; `None` if the step was not a recording.
    pub recording: Option<Recording>,
}

/// A voicemail message.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// URL of the recording at Twilio.
    pub url: WebUrl,
    /// Length in seconds.
    pub seconds: u32,
}

/// Shows the length only: anyone who has the URL may be able to listen.
impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recording({} s)", self.seconds)
    }
}

impl ConnectionEnd {
    /// Parses the fields that the next step depends on.
    pub fn parse(form: &Form) -> Result<Self, FieldError> {
        let form = &*form.in_signed_order();
        refuse_other_caller(form)?;
        refuse_replaced_outcome(form)?;
        let error_code = optional_number(form, "ErrorCode")?;
        let is_one_of = |name, values: &[&str]| {
            Ok::<_, FieldError>(form.only(name)?.is_some_and(|value| values.contains(&value)))
        };
        let dial = form.only("DialCallStatus")?.and_then(DialFailure::parse);
        let failed = error_code.is_some()
            || has_stream_failed(form)?
            || is_one_of("SessionStatus", &["failed"])?
            || dial.is_some()
            || is_one_of("QueueResult", &["error", "system-error", "queue-full", "leave"])?;
        let cause = match (error_code, dial) {
            (Some(code), _) => FailureCause::Code(code),
            (None, Some(dial)) => FailureCause::Dial(dial),
            (None, None) => FailureCause::Unknown,
        };
        let status = form.only("CallStatus")?.and_then(CallStatus::parse);
        let url = optional(form, "RecordingUrl", |text| WebUrl::parse(text).ok())?;
        let seconds = optional_number(form, "RecordingDuration")?.unwrap_or_default();
        Ok(Self {
            call: required(form, "CallSid", |text| CallSid::parse(text).ok())?,
            failure: failed.then_some(cause),
            call_ended: status.is_some_and(CallStatus::is_final),
            recording: url.map(|url| Recording { url, seconds }),
        })
    }

    /// Twilio's error code; `None` if the connection did not fail, or failed without one.
    pub const fn error_code(&self) -> Option<u32> {
        match &self.failure {
            Some(FailureCause::Code(code)) => Some(*code),
            Some(FailureCause::Dial(_) | FailureCause::Handler(_) | FailureCause::Unknown)
            | None => None,
        }
    }

    /// Whether the next attempt must take the caller: the step failed, and the caller has not hung up.
    pub const fn leaves_caller(&self) -> bool {
        self.failure.is_some() && !self.call_ended
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectionEnd;
    use crate::call::InboundCall;
    use crate::form::Form;

    #[test]
    fn a_step_has_failed_if_any_of_twilios_fields_says_so() {
        let parse = |rest: &str| {
            let form = format!("CallSid=CA0123456789abcdef0123456789abcdef{rest}");
            ConnectionEnd::parse(&Form::parse(form.as_bytes()).unwrap()).unwrap()
        };
        for (rest, failed) in [
            ("", false),
            ("&StreamEvent=stream-stopped&StreamError=", false),
            ("&StreamEvent=stream-error", true),
            ("&ErrorCode=31920", true),
            ("&SessionStatus=failed", true),
            ("&SessionStatus=ended", false),
            ("&DialCallStatus=no-answer", true),
            ("&DialCallStatus=completed", false),
            ("&QueueResult=bridged", false),
            ("&QueueResult=queue-full", true),
        ] {
            assert_eq!(parse(rest).failure.is_some(), failed, "{rest}");
        }
        assert_eq!(parse("&ErrorCode=31920").error_code(), Some(31_920));
        assert_eq!(parse("&DialCallStatus=busy").error_code(), None);
        let recorded =
            parse("&RecordingUrl=https%3A%2F%2Fapi.twilio.com%2Frec%2FRE1&RecordingDuration=7");
        assert_eq!(recorded.recording.unwrap().seconds, 7);
    }

    const BEFORE: &str = "CallSid=CASID&CallStatus=in-progress&Called=%2B14155550100";
    const BEHIND: &str = "&To=%2B14155550100";

    /// What a request is refused for; `None` if it is accepted.
    fn refused(form: &str) -> Option<String> {
        let form = form.replace("SID", "0123456789abcdef0123456789abcdef");
        let form = Form::parse(form.as_bytes()).unwrap();
        let parsed = ConnectionEnd::parse(&form).and_then(|_end| InboundCall::parse(&form));
        parsed.err().map(|error| error.to_string())
    }

    #[test]
    fn a_caller_id_that_spells_from_becomes_no_other_caller() {
        let message = "ErrorCode=64105&ErrorMessage=closed";
        for (caller, from) in [
            ("%2B14155550199", "%2B14155550199"),
            ("JoFromz", "JoFromz"),
            ("", "anonymous"),
            ("Anonymous", "anonymous"),
            ("", ""),
            ("", "client:FromTheWebsite"),
        ] {
            for error in [message, "ErrorCode=64105&ErrorMessage=From server: readFrom+Al."] {
                let genuine = format!(
                    "{BEFORE}&Caller={caller}&Direction=inbound&{error}&ForwardedFrom=%2B14155550155&From={from}{BEHIND}"
                );
                assert_eq!(refused(&genuine), None, "{genuine}");
            }
        }
        // The signed text stays the same: the genuine `From` is hidden in the field before.
        for (caller, from) in [
            (
                "Caller=%2B14155550177&CallerFrom=%2B14155550177FromCity",
                "From%2B14155550177Caller&From=%2B14155550177&FromCity=",
            ),
            ("Caller=Jo&CallerNameFrom=JoFromX", "FromJoCallerName&From=Jo&FromX="),
            ("CallerJoFrom=client:boss", "FromJo&From=client:boss"),
            ("CallerjoFrom=client:boss", "Fromjo&From=client:boss"),
            ("Caller=&CityXFrom=anonymous", "FromCityX&From=anonymous"),
            ("Caller=", "FromSipCallId&From=client:boss"),
            ("Caller=", "FromanonymousSipCallId&From=client:boss"),
            ("Caller=DialCallDuration9", "FromanonymousSipCallId&From=DialCallDuration9"),
        ] {
            let forged = format!("{BEFORE}&{caller}&Direction=inbound&{message}{from}{BEHIND}");
            assert_eq!(refused(&forged).as_deref(), Some("field From is malformed"), "{forged}");
        }
    }

    #[test]
    fn the_error_code_is_not_hidden_in_another_field() {
        let call = |error: &str| {
            refused(&format!(
                "{BEFORE}&Caller=Jo&Direction=inbound&{error}&From=Jo&HandoffData=ErrorCode1{BEHIND}"
            ))
        };
        for genuine in
            ["ErrorCode=64105&ErrorMessage=ErrorCode1", "ErrorMessage=ErrorCode", "ErrorCode="]
        {
            assert_eq!(call(genuine), None, "{genuine}");
        }
        for forged in
            ["E=rrorCode64105", "E=rrorCode64105ErrorMessage&ErrorCode=1", "Dz=ErrorCode64105"]
        {
            assert_eq!(call(forged).as_deref(), Some("field ErrorCode is malformed"), "{forged}");
        }
    }

    /// What a request reports: whether the step failed, or what it is refused for.
    fn reported(rest: &str) -> Result<bool, String> {
        let form = format!("{BEFORE}&{rest}{BEHIND}").replace("SID", &"0".repeat(32));
        let end = ConnectionEnd::parse(&Form::parse(form.as_bytes()).unwrap());
        end.map(|end| end.failure.is_some()).map_err(|error| error.to_string())
    }

    const SIP: &str = "Caller=sip:jo@pbx&CallerName=Jo&Direction=inbound&From=sip:jo@pbx&SipCallId=a&SipHeader_X-N=hi";
    const CLIENT: &str = "Caller=client:jo&Direction=inbound&From=client:jo";

    #[test]
    fn a_stream_that_a_caller_spells_has_not_failed() {
        let error = "StreamError=closed&StreamEvent=stream-error&StreamSid=MZSID";
        for genuine in [
            format!("{SIP}&SipSourceIp=203.0.113.9&{error}"),
            format!("{SIP}SipSourceIp1&SipSourceIp=203.0.113.9&{error}"),
            format!("{SIP}&SipSourceIp=2001:db8::9&StirVerstat=No-TN-Validation&{error}"),
            format!("{CLIENT}&{error}"),
            format!("{SIP}&{error}").replace("From=", "ErrorCode=31920&From="),
            format!("{CLIENT}&Rate=5&{error}").replace("From=", "ErrorCode=31920&From="),
        ] {
            assert_eq!(reported(&genuine), Ok(true), "{genuine}");
        }
        for genuine in [
            format!("{SIP}StreamErrorxSz&SipSourceIp=203.0.113.9"),
            format!(
                "{SIP}StreamEventstream-errorSz&SipSourceIp=203.0.113.9&StreamEvent=stream-stopped"
            ),
            format!("{CLIENT}&Rate=5&StreamEvent=stream-stopped&StreamError="),
        ] {
            assert!(!reported(&genuine).is_ok_and(|failed| failed), "{genuine}");
        }
        // The signed texts are those of requests without an error: the header or parameter spells it.
        for forged in [
            format!("{SIP}&StreamError=x&Sz=SipSourceIp203.0.113.9"),
            format!("{SIP}&{error}&Sz=SipSourceIp203.0.113.9"),
            format!("{SIP}&SipSourceIp=1&{error}&Sz=SipSourceIp203.0.113.9"),
            format!("{SIP}&{error}"),
            format!("{SIP}&{error}")
                .replace("&SipCallId=a&SipHeader_X-N=", "&S=ipCallIdaSipHeader_X-N"),
            format!("{CLIENT}&Rate=5&{error}"),
            format!("{CLIENT}&R=ate5&{error}"),
        ] {
            assert_eq!(reported(&forged), Ok(false), "{forged}");
        }
    }

    #[test]
    fn an_outcome_is_not_cut_out_of_a_text_of_the_callers() {
        let at = |name: &str, text: &str| {
            let hidden = SIP.replace("&SipCallId=a&SipHeader_X-N=hi", "");
            reported(&format!("{hidden}&FromZip=SipCallIdaSipHeader_X-Nhi&{name}={text}&Sz="))
        };
        for (name, text) in
            [("QueueResult", "error"), ("RecordingUrl", "https://a"), ("SessionStatus", "failed")]
        {
            assert_eq!(at(name, text), Err(format!("field {name} is malformed")));
            let genuine = format!("{CLIENT}&FromZip=&{name}={text}");
            assert_eq!(reported(&genuine), Ok(name != "RecordingUrl"), "{genuine}");
        }
        let dialed = SIP.replace("&Direction", "&DialCallStatus=failed&Direction");
        assert_eq!(reported(&dialed), Ok(true));
        let forged =
            SIP.replace("&Direction", "&DialCallStatus=failed&Dig=CallerStateCA&Direction");
        assert_eq!(reported(&forged).unwrap_err(), "field DialCallStatus is malformed");
        let longer = format!("{CLIENT}&RecordingUrl=https://aSipCallIda");
        assert_eq!(reported(&longer).unwrap_err(), "field RecordingUrl is malformed");
        let hidden = format!("{CLIENT}&R=ecordingUrlhttps://aRecordingUrlhttps://a");
        assert_eq!(reported(&hidden).unwrap_err(), "field RecordingUrl is malformed");
    }
}
