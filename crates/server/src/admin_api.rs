//! The admin API of this installation.

use std::sync::Arc;

use switchboard_admin::{AdminState, AllowedHosts, DriftJobs, Wording};
use switchboard_application_management::jobs::JobWorker;
use switchboard_application_management::{ApiKeyUse, RepeatableRequests, TokenSealer};

use crate::carrier_use_cases::CarrierUseCases;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::wiring;
use crate::written_urls::WrittenUrls;

/// Executes jobs of the API. `wording` puts what remains into words.
pub(crate) async fn job_worker(
    installation: &Installation,
    wording: Arc<dyn Wording>,
) -> Result<JobWorker, Failure> {
    let carrier = CarrierUseCases::of(installation).await?;
    let execution = DriftJobs {
        check: carrier.check(),
        fix: carrier.fix(),
        restore: carrier.restore(),
        own_urls: Arc::new(WrittenUrls::of(installation)),
        wording,
    };
    let Installation { store, ambient, .. } = installation;
    let (clock, randomness) = (Arc::clone(&ambient.clock), Arc::clone(&ambient.randomness));
    Ok(JobWorker::new(store.clone(), Arc::new(execution), clock, randomness))
}

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
        jobs: installation.jobs(),
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
