//! Incoming calls and their results.

use std::fmt;

use switchboard_domain::phone_number::Masked;

use super::control::{CallChanges, CallControl};
use crate::phone::call::{Caller, Pace};
use crate::phone::delivery::InjectedFault;
use crate::phone::fields::CallStatus;
use crate::phone::stream::StreamReport;
use crate::phone::transcript::Transcript;
use crate::phone::webhook::{Signer, Webhook};

/// An incoming call. `Debug` shows only the last two characters of phone numbers.
#[derive(Clone)]
pub struct InboundCall {
    /// The call's SID. Generated if `None`.
    pub sid: Option<String>,
    /// The account that owns the number; its token signs the webhooks.
    pub signer: Signer,
    /// The calling address in Twilio's format: `+14155550199`, `anonymous`, `sip:…`.
    pub from: String,
    /// The called number.
    pub to: String,
    /// Called first: the voice URL of the number or of its application.
    pub voice: Webhook,
    /// Called if another URL fails.
    pub fallback: Option<Webhook>,
    /// Called when the call's status changes.
    pub status_callback: Option<Webhook>,
    /// The statuses reported in addition to the final one. Twilio reports only the final status for a number's
    /// callback.
    pub status_events: Vec<CallStatus>,
    /// The TwiML application that routes the number, if any.
    pub application_sid: Option<String>,
    /// Additional parameters, such as `ForwardedFrom`, `StirVerstat` and `SipHeader_X-…`.
    pub special_fields: Vec<(String, String)>,
    /// The caller's behavior.
    pub caller: Caller,
    /// How the time of the call passes.
    pub pace: Pace,
    /// Faults injected into the webhook requests.
    pub faults: Vec<InjectedFault>,
    /// How much of the call is simulated.
    pub extent: Extent,
    /// Updates to the call while it is in progress; see [`InboundCall::control`].
    pub changes: CallChanges,
}

impl InboundCall {
    /// A call in real time from a caller who speaks a tone.
    pub fn new(
        signer: Signer,
        from: impl Into<String>,
        to: impl Into<String>,
        voice: Webhook,
    ) -> Self {
        Self {
            sid: None,
            signer,
            from: from.into(),
            to: to.into(),
            voice,
            fallback: None,
            status_callback: None,
            status_events: Vec::new(),
            application_sid: None,
            special_fields: Vec::new(),
            caller: Caller::default(),
            pace: Pace::RealTime,
            faults: Vec::new(),
            extent: Extent::Whole,
            changes: CallChanges::default(),
        }
    }

    /// Returns a handle that updates the call while it is in progress.
    pub fn control(&mut self) -> CallControl {
        let (control, changes) = CallControl::new();
        self.changes = changes;
        control
    }
}

impl fmt::Debug for InboundCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (Masked::new(&self.from), Masked::new(&self.to));
        write!(f, "InboundCall({:?} from {from} to {to})", self.sid)
    }
}

/// How much of a call is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// The whole call.
    #[default]
    Whole,
    /// Only the first webhook request. Its response is not executed, and the end of the call is reported.
    FirstAnswer,
}

/// The result of a call.
#[derive(Clone, Debug)]
pub struct CallReport {
    /// The call's SID.
    pub sid: String,
    /// The final status.
    pub status: CallStatus,
    /// The duration since the answer, in whole seconds.
    pub seconds: u64,
    /// The media streams of the call, in order.
    pub streams: Vec<StreamReport>,
    /// The transcript.
    pub transcript: Transcript,
}

/// The result of a call without its transcript.
pub(crate) struct Outcome {
    pub(super) sid: String,
    pub(super) status: CallStatus,
    pub(super) seconds: u64,
    pub(super) streams: Vec<StreamReport>,
}

impl Outcome {
    pub(crate) fn with(self, transcript: Transcript) -> CallReport {
        let Self { sid, status, seconds, streams } = self;
        CallReport { sid, status, seconds, streams, transcript }
    }
}
