//! What all handlers share.

use std::sync::Arc;

use switchboard_application_management::{ApiKeyUse, ApiKeys};
use switchboard_domain::ports::Store;

use crate::hosts::AllowedHosts;

/// The state of the admin API.
pub struct AdminState {
    /// The stored objects. Every read and change takes the scope of the caller.
    pub store: Arc<dyn Store>,
    /// Authorizes callers.
    pub keys: ApiKeys,
    /// Records when keys were last used.
    pub key_use: Arc<ApiKeyUse>,
    /// The hosts under which the API is reached.
    pub hosts: AllowedHosts,
}
