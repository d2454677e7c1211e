//! The admin API of this installation.

use std::sync::Arc;

use switchboard_admin::{AdminState, AllowedHosts, Wording};
use switchboard_application_management::{ApiKeyUse, RepeatableRequests, TokenSealer};

use crate::carrier_use_cases::CarrierUseCases;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::wiring;
use crate::written_urls::WrittenUrls;

/// The state of the API. `wording` puts codes and outcomes into words.
pub(crate) async fn state(
    installation: &Installation,
    wording: Arc<dyn Wording>,
    sealer: TokenSealer,
) -> Result<Arc<AdminState>, Failure> {
    let store = installation.store.clone();
    let carrier = CarrierUseCases::of(installation).await?;
    Ok(Arc::new(AdminState {
        keys: installation.api_keys(),
        repeatable: RepeatableRequests {
            store: store.clone(),
            keyring: Arc::clone(&sealer.keyring),
            randomness: Arc::clone(&sealer.randomness),
            clock: installation.ambient.clock.clone(),
        },
        key_use: Arc::new(ApiKeyUse::new(store.clone())),
        hosts: AllowedHosts::new(installation.settings.admin_url.clone()),
        sources: installation.settings.sources.admin.clone(),
        organizations: installation.organizations(),
        accounts: installation.accounts().await?,
        enforcement: installation.enforcement(),
        verifying: carrier.verifying(),
        inviting: installation.inviting().await?,
        agents: installation.agents(),
        configuring: installation.configuring(),
        secrets: installation.agent_secrets(sealer),
        assigning: carrier.assign(installation),
        releasing: carrier.release(installation),
        own_urls: Arc::new(WrittenUrls::of(installation)),
        sending: installation.sending(),
        subscriptions: installation.subscriptions().await?,
        replaying: installation.replaying_deliveries(),
        explaining: installation.explaining(),
        plans: installation.plans(),
        plan_replay: installation.replaying(),
        materials: wiring::material_codec(),
        wording,
        store,
    }))
}
