//! Calls that are going on, and hear what the REST API tells them.

use std::collections::HashMap;
use std::fmt;

use super::sid::Sid;
use super::webhook::Target;

/// A hand on a call that is going on.
pub(crate) trait LiveCall: Send + Sync {
    /// Ends the call.
    fn hang_up(&self);

    /// Lets the call follow the document of a URL.
    fn follow(&self, target: Target);

    /// Lets the call follow this document.
    fn follow_twiml(&self, twiml: String);
}

/// The calls that are going on.
#[derive(Default)]
pub(crate) struct LiveCalls(HashMap<Sid, Box<dyn LiveCall>>);

impl fmt::Debug for LiveCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl LiveCalls {
    pub(crate) fn begin(&mut self, call: Sid, hand: Box<dyn LiveCall>) {
        self.0.insert(call, hand);
    }

    pub(crate) fn end(&mut self, call: Sid) {
        self.0.remove(&call);
    }

    pub(crate) fn get(&self, call: Sid) -> Option<&dyn LiveCall> {
        self.0.get(&call).map(AsRef::as_ref)
    }
}
