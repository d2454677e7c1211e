//! The use cases that call the carrier, built from an installation.

use std::sync::Arc;

use switchboard_application_carrier::VerifyTokens;
use switchboard_application_carrier::configuration::{
    ApplyChanges, AssignAtCarrier, CheckWebhooks, FixWebhooks, NumberLeases, OpenAccess,
    ReleaseAtCarrier, RestoreWebhooks,
};
use switchboard_domain::configuration::WebhookUrls;
use switchboard_domain::ports::carrier::Carrier;
use switchboard_domain::ports::{CheckFindingStore, Randomness};

use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::wiring;

/// What use cases need to call the carrier.
#[derive(Clone)]
pub(crate) struct CarrierUseCases {
    pub(crate) access: OpenAccess,
    pub(crate) carrier: Arc<dyn Carrier>,
    pub(crate) urls: Arc<WebhookUrls>,
    pub(crate) apply: ApplyChanges,
    pub(crate) findings: Arc<dyn CheckFindingStore>,
}

impl CarrierUseCases {
    /// With the store and the encryption keys of an installation.
    pub(crate) async fn of(installation: &Installation) -> Result<Self, Failure> {
        let Installation { settings, store, ambient, .. } = installation;
        let keyring = installation.sealer().await?.keyring;
        let options = &settings.carrier;
        let randomness = Arc::clone(&ambient.randomness);
        let carrier =
            wiring::carrier(options.api_url.clone(), options.requests_at_once, randomness)
                .doing("preparing requests to Twilio")?;
        let access = OpenAccess { accounts: store.clone(), keyring };
        let urls = Arc::new(webhook_urls(settings));
        let apply = ApplyChanges {
            carrier: Arc::clone(&carrier),
            configurations: store.clone(),
            urls: Arc::clone(&urls),
            clock: Arc::clone(&ambient.clock),
            leases: NumberLeases {
                leases: store.clone(),
                randomness: Arc::clone(&ambient.randomness),
            },
        };
        Ok(Self { access, carrier, urls, apply, findings: store.clone() })
    }

    pub(crate) fn check(&self) -> CheckWebhooks {
        CheckWebhooks {
            access: self.access.clone(),
            carrier: Arc::clone(&self.carrier),
            configurations: Arc::clone(&self.apply.configurations),
            findings: Arc::clone(&self.findings),
            urls: Arc::clone(&self.urls),
            clock: Arc::clone(&self.apply.clock),
        }
    }

    pub(crate) fn verifying(&self) -> VerifyTokens {
        VerifyTokens { carrier: self.carrier.clone(), numbers: self.carrier.clone() }
    }

    pub(crate) fn fix(&self) -> FixWebhooks {
        FixWebhooks { check: self.check(), apply: self.apply.clone() }
    }

    pub(crate) fn restore(&self) -> RestoreWebhooks {
        RestoreWebhooks { access: self.access.clone(), apply: self.apply.clone() }
    }

    pub(crate) fn assign(&self, installation: &Installation) -> AssignAtCarrier {
        AssignAtCarrier {
            numbers: Arc::new(installation.numbers()),
            access: self.access.clone(),
            apply: self.apply.clone(),
        }
    }

    pub(crate) fn release(&self, installation: &Installation) -> ReleaseAtCarrier {
        ReleaseAtCarrier { numbers: Arc::new(installation.numbers()), restore: self.restore() }
    }
}

/// Verifies auth tokens with the carrier of the settings.
pub(crate) fn verifying(
    settings: &Settings,
    randomness: Arc<dyn Randomness>,
) -> Result<VerifyTokens, Failure> {
    let options = &settings.carrier;
    let carrier = wiring::carrier(options.api_url.clone(), options.requests_at_once, randomness);
    let carrier = carrier.doing("preparing requests to Twilio")?;
    Ok(VerifyTokens { carrier: carrier.clone(), numbers: carrier })
}

/// The webhook URLs of numbers: our paths below the first public URL, and the fallback URLs.
fn webhook_urls(settings: &Settings) -> WebhookUrls {
    let carrier = &settings.carrier;
    WebhookUrls {
        voice_fallback: carrier.voice_fallback.clone(),
        message_fallback: carrier.message_fallback.clone(),
        ..WebhookUrls::below(&settings.public_urls.first)
    }
}
