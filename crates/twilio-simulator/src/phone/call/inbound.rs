//! The order for a call, and what came of it.

use std::fmt;

use switchboard_domain::phone_number::Masked;

use super::control::{CallChanges, CallControl};
use crate::phone::call::{Caller, Pace};
use crate::phone::delivery::FaultOrder;
use crate::phone::fields::CallStatus;
use crate::phone::stream::StreamReport;
use crate::phone::transcript::Transcript;
use crate::phone::webhook::{Signer, Webhook};

/// A call that comes in. `Debug` shows the last two characters of the numbers only.
#[derive(Clone)]
pub struct InboundCall {
    /// Its SID; a new one if it is left out.
    pub sid: Option<String>,
    /// The account that owns the number: its token signs.
    pub signer: Signer,
    /// Who calls, as Twilio writes it: `+14155550199`, `anonymous`, `sip:…`.
    pub from: String,
    /// The number that is called.
    pub to: String,
    /// What is asked first: the number's voice URL, or that of its application.
    pub voice: Webhook,
    /// What is asked where another URL fails.
    pub fallback: Option<Webhook>,
    /// Where the states go.
    pub status_callback: Option<Webhook>,
    /// Which states go there besides the last one, which always does. Of a number it is only the last.
    pub status_events: Vec<CallStatus>,
    /// The application, if the number is routed by one.
    pub application_sid: Option<String>,
    /// What only this kind of call carries: `ForwardedFrom`, `StirVerstat`, `SipHeader_X-…`.
    pub special_fields: Vec<(String, String)>,
    /// What the caller does.
    pub caller: Caller,
    /// How fast its time goes.
    pub pace: Pace,
    /// What goes wrong on the way.
    pub faults: Vec<FaultOrder>,
    /// How much of it takes place.
    pub extent: Extent,
    /// What it is told from outside while it goes on; see [`InboundCall::control`].
    pub changes: CallChanges,
}

impl InboundCall {
    /// A plain call in real time, of a caller who says a tone.
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

    /// Keeps a hand on the call while it goes on.
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

/// How much of a call takes place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// The first question and its answer, which is not followed. Nobody is told of its end.
    FirstAnswer,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub struct CallReport {
    /// Its SID.
    pub sid: String,
    /// How it ended.
    pub status: CallStatus,
    /// Whole seconds that it took, from the answer on.
    pub seconds: u64,
    /// The media streams that were open, in order.
    pub streams: Vec<StreamReport>,
    /// What happened.
    pub transcript: Transcript,
}

/// What came of a call, before its transcript is finished.
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
