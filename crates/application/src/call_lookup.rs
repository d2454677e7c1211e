//! Looks up what all processes recorded about a call.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::call::{CallKey, CallRecord};
use switchboard_domain::causes::Causes;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::CallStore;

use crate::deadline::{Deadlines, within};

/// Looks up calls where this process alone cannot tell whether a request is stale.
#[derive(Clone)]
pub struct CallLookup {
    store: Arc<dyn CallStore>,
    limit: Duration,
}

impl CallLookup {
    /// Reads from `store`.
    pub fn new(store: Arc<dyn CallStore>, deadlines: Deadlines) -> Self {
        Self { store, limit: deadlines.reread }
    }

    /// What is recorded of a call; `None` if nothing is, or if the store does not answer in time: then the request is
    /// believed.
    pub(crate) async fn find(&self, (account, call): CallKey) -> Option<CallRecord> {
        let find = self.store.find(&Scope::Operator, account, call);
        let found = within(self.limit, "call.find", find).await;
        found
            .inspect_err(|error| {
                tracing::debug!(error = %Causes(error), "the record of the call could not be read");
            })
            .ok()
            .flatten()
    }
}
