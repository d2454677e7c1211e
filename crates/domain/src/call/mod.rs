//! Calls: what Twilio sends about a call, and what is stored of it.

mod connection_end;
mod follow_up;
mod outcome;
mod record;
mod request;
mod timeline;

pub use self::connection_end::{ConnectionEnd, Recording};
pub use self::follow_up::FollowUp;
pub use self::outcome::Outcome;
pub use self::record::{
    AttemptDestination, AttemptRecord, CallDecision, CallRecord, Disconnection, FRESH_SECONDS,
    RuleRef, is_old,
};
pub use self::request::{CallDirection, CallEvent, InboundCall};
pub use self::timeline::{
    DialFailure, ErrorText, FailureCause, StreamState, TimelineEntry, TimelineEvent,
};

use crate::sid::{AccountSid, CallSid};

/// The key of a call. Its account is part of it: an account can sign requests with the `CallSid` of another account.
pub type CallKey = (AccountSid, CallSid);
