//! The use cases that ask the carrier, put together over an installation.

use std::sync::Arc;

use switchboard_application_carrier::configuration::{
    ApplyChanges, AssignAtCarrier, Carriers, CheckWebhooks, FixWebhooks, OpenAccess,
    ReleaseAtCarrier, RestoreWebhooks,
};
use switchboard_application_management::{AssignNumber, ReleaseNumber};
use switchboard_domain::configuration::WebhookUrls;

use super::open::Installation;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring;

/// Everything that use cases need to act at the carrier.
#[derive(Clone)]
pub(crate) struct AtCarrier {
    pub(crate) access: OpenAccess,
    pub(crate) carriers: Carriers,
    pub(crate) urls: Arc<WebhookUrls>,
    pub(crate) apply: ApplyChanges,
}

impl AtCarrier {
    /// Over the stores and the keys of an installation.
    pub(crate) async fn of(installation: &Installation) -> Result<Self, Failure> {
        let Installation { settings, stores, ambient } = installation;
        let keyring = installation.sealer().await?.keyring;
        let carriers = wiring::carriers(&settings.carrier, Arc::clone(&ambient.randomness))?;
        let access = OpenAccess { accounts: Arc::clone(&stores.accounts), keyring };
        let urls = Arc::new(webhook_urls(settings));
        let apply = ApplyChanges {
            carriers: carriers.clone(),
            configurations: Arc::clone(&stores.configurations),
            urls: Arc::clone(&urls),
            clock: Arc::clone(&ambient.clock),
        };
        Ok(Self { access, carriers, urls, apply })
    }

    pub(crate) fn check(&self) -> CheckWebhooks {
        CheckWebhooks {
            access: self.access.clone(),
            carriers: self.carriers.clone(),
            configurations: Arc::clone(&self.apply.configurations),
            urls: Arc::clone(&self.urls),
            clock: Arc::clone(&self.apply.clock),
        }
    }

    pub(crate) fn fix(&self) -> FixWebhooks {
        FixWebhooks { check: self.check(), apply: self.apply.clone() }
    }

    pub(crate) fn restore(&self) -> RestoreWebhooks {
        RestoreWebhooks { access: self.access.clone(), apply: self.apply.clone() }
    }

    pub(crate) fn assign(&self, installation: &Installation) -> AssignAtCarrier {
        let numbers = Arc::clone(&installation.stores.numbers);
        let agents = Arc::clone(&installation.stores.agents);
        AssignAtCarrier {
            assign: Arc::new(AssignNumber { numbers, agents }),
            access: self.access.clone(),
            apply: self.apply.clone(),
        }
    }

    pub(crate) fn release(&self, installation: &Installation) -> ReleaseAtCarrier {
        let numbers = Arc::clone(&installation.stores.numbers);
        ReleaseAtCarrier { release: Arc::new(ReleaseNumber { numbers }), restore: self.restore() }
    }
}

/// What the carrier is to be told: our own paths below the first public URL, and who takes over where we fail.
fn webhook_urls(settings: &Settings) -> WebhookUrls {
    let carrier = &settings.carrier;
    WebhookUrls {
        voice_fallback: carrier.voice_fallback.clone(),
        message_fallback: carrier.message_fallback.clone(),
        ..WebhookUrls::below(&settings.public_urls.first)
    }
}
