//! The admin API of this installation.

use std::sync::Arc;

use switchboard_admin::{AdminState, AllowedHosts, Wording};
use switchboard_application_management::ApiKeyUse;

use crate::installation::Installation;

/// The state of the API. `wording` puts codes and outcomes into words.
pub(crate) fn state(installation: &Installation, wording: Arc<dyn Wording>) -> Arc<AdminState> {
    let store = installation.store.clone();
    Arc::new(AdminState {
        keys: installation.api_keys(),
        key_use: Arc::new(ApiKeyUse::new(store.clone())),
        hosts: AllowedHosts::new(installation.settings.admin_url.clone()),
        sending: installation.sending(),
        replaying: installation.replaying_deliveries(),
        explaining: installation.explaining(),
        plans: installation.plans(),
        wording,
        store,
    })
}
