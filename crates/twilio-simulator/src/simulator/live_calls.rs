//! Calls in progress, which the REST API can redirect or end.

use std::collections::HashMap;
use std::fmt;

use super::sid::Sid;
use super::webhook::Target;

/// Controls a call in progress.
pub(crate) trait LiveCall: Send + Sync {
    /// Ends the call.
    fn hang_up(&self);

    /// Continues the call with the TwiML of a URL.
    fn follow(&self, target: Target);

    /// Continues the call with this TwiML.
    fn follow_twiml(&self, twiml: String);
}

/// The calls in progress.
#[derive(Default)]
pub(crate) struct LiveCalls(HashMap<Sid, Box<dyn LiveCall>>);

impl fmt::Debug for LiveCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl LiveCalls {
    pub(crate) fn begin(&mut self, call: Sid, control: Box<dyn LiveCall>) {
        self.0.insert(call, control);
    }

    pub(crate) fn end(&mut self, call: Sid) {
        self.0.remove(&call);
    }

    pub(crate) fn get(&self, call: Sid) -> Option<&dyn LiveCall> {
        self.0.get(&call).map(AsRef::as_ref)
    }
}
