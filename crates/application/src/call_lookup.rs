//! Looks up the record of a call, which other processes may have written.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::call::{CallKey, CallRecord};
use switchboard_domain::causes::Causes;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::CallStore;

use crate::deadline::{Deadlines, within};

/// Looks up the record of a call if this process alone cannot determine whether a request is stale.
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

    /// Returns the record of a call; `None` if there is none, or if the store does not answer in
    /// time. Without a record, a request does not count as stale.
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
