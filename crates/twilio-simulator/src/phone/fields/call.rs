//! Webhook parameters of calls (Twilio, "TwiML for Programmable Voice: Twilio's request to your application").

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::string_enum;
use switchboard_domain::time::Timestamp;

use crate::dates::rfc_2822;

use super::location::location;
use super::{Fields, push};

string_enum! {
    /// The status of a call, as Twilio sends it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum CallStatus {
        /// The dialed leg is being placed.
        Initiated = "initiated",
        /// Ringing.
        Ringing = "ringing",
        /// Answered and in progress.
        InProgress = "in-progress",
        /// Answered and ended.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// Not answered.
        NoAnswer = "no-answer",
        /// Could not be placed.
        Failed = "failed",
        /// Ended before it was answered.
        Canceled = "canceled",
    }
}

impl CallStatus {
    /// Whether this status is final.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Initiated | Self::Ringing | Self::InProgress)
    }
}

impl fmt::Display for CallStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The values common to all requests about a call.
#[derive(Clone, Debug)]
pub(crate) struct CallFacts {
    pub(crate) sid: String,
    pub(crate) account: AccountSid,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) direction: &'static str,
    pub(crate) status: CallStatus,
    /// The TwiML application that routes the number, if any.
    pub(crate) application: Option<String>,
    /// Additional parameters, such as `CallToken`, `StirVerstat`, `ForwardedFrom` and `SipHeader_X-…`.
    pub(crate) special: Fields,
}

/// The parameters common to all requests about a call, in Twilio's order.
pub(crate) fn call_fields(facts: &CallFacts) -> Fields {
    let [from_city, from_state, from_zip, from_country] = location(&facts.from);
    let [to_city, to_state, to_zip, to_country] = location(&facts.to);
    let ordered = [
        ("Called", facts.to.as_str()),
        ("ToState", to_state),
        ("CallerCountry", from_country),
        ("Direction", facts.direction),
        ("CallerState", from_state),
        ("ToZip", to_zip),
        ("CallSid", &facts.sid),
        ("To", &facts.to),
        ("CallerZip", from_zip),
        ("ToCountry", to_country),
        ("ApiVersion", "2010-04-01"),
        ("CalledZip", to_zip),
        ("CalledCity", to_city),
        ("CallStatus", facts.status.as_str()),
        ("From", &facts.from),
        ("AccountSid", facts.account.as_str()),
        ("CalledCountry", to_country),
        ("CallerCity", from_city),
        ("ToCity", to_city),
        ("FromCountry", from_country),
        ("Caller", &facts.from),
        ("FromCity", from_city),
        ("CalledState", to_state),
        ("FromZip", from_zip),
        ("FromState", from_state),
    ];
    let mut fields: Fields =
        ordered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    if let Some(application) = &facts.application {
        push(&mut fields, "ApplicationSid", application);
    }
    fields.extend(facts.special.iter().cloned());
    fields
}

/// The additional parameters of a status callback (Twilio, Call resource: `StatusCallback`).
pub(crate) fn progress_fields(
    now: Timestamp,
    sequence: usize,
    duration: Option<Duration>,
) -> Fields {
    let mut fields = Vec::new();
    if let Some(duration) = duration {
        let seconds = duration.as_secs_f64().ceil();
        push(&mut fields, "CallDuration", format!("{seconds:.0}"));
        push(&mut fields, "Duration", format!("{:.0}", (seconds / 60.0).ceil()));
    }
    push(&mut fields, "Timestamp", rfc_2822(now));
    push(&mut fields, "CallbackSource", "call-progress-events");
    push(&mut fields, "SequenceNumber", sequence.to_string());
    fields
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use switchboard_domain::call::InboundCall;
    use switchboard_domain::form::Form;
    use switchboard_domain::sid::AccountSid;
    use switchboard_domain::time::Timestamp;

    use super::{CallFacts, CallStatus, call_fields, progress_fields};
    use crate::phone::fields::encode;

    const NOW: Timestamp = Timestamp::from_seconds(1_438_286_400);

    #[test]
    fn the_parameters_are_accepted_by_the_webhook_parser() {
        let facts = CallFacts {
            sid: "CA0123456789abcdef0123456789abcdef".to_owned(),
            account: AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap(),
            from: "+14155550199".to_owned(),
            to: "+14155550100".to_owned(),
            direction: "inbound",
            status: CallStatus::Ringing,
            application: None,
            special: Vec::new(),
        };
        let text = encode(&call_fields(&facts));
        assert!(
            text.starts_with(
                "Called=%2B14155550100&ToState=CA&CallerCountry=US&Direction=inbound&"
            )
        );
        let form = Form::parse(text.as_bytes()).unwrap();
        assert_eq!(form.len(), 25);
        let call = InboundCall::parse(&form).unwrap();
        assert_eq!(call.to.phone_number().unwrap().as_str(), "+14155550100");
    }

    #[test]
    fn a_duration_is_sent_in_seconds_and_in_started_minutes() {
        let fields = progress_fields(NOW, 3, Some(Duration::from_millis(60_100)));
        let value = |name: &str| fields.iter().find(|(found, _)| found == name).unwrap().1.clone();
        assert_eq!((value("CallDuration"), value("Duration")), ("61".to_owned(), "2".to_owned()));
        assert_eq!(value("SequenceNumber"), "3");
        assert_eq!(value("Timestamp"), "Thu, 30 Jul 2015 20:00:00 +0000");
        assert!(progress_fields(NOW, 0, None).iter().all(|(name, _)| name != "CallDuration"));
    }
}
