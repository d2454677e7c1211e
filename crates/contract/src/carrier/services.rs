//! The laws of [`ServiceCarrier`](switchboard_domain::ports::carrier::ServiceCarrier).

use super::expect_error::{assert_inactive, assert_missing, assert_unauthorized};
use super::{CarrierFixture, Holding, samples};
use crate::prelude::*;

/// The services of an account, ordered as they are listed.
fn sorted(owner: &Holding) -> Vec<MessagingService> {
    let mut services: Vec<_> =
        owner.services.iter().map(|pooled_service| pooled_service.service.clone()).collect();
    services.sort_by_key(|service| service.sid);
    services
}

#[laws(carrier::services::service_carrier_laws)]
pub mod laws {
    use super::*;

    /// Each service is listed once across all pages, without those of other accounts.
    pub async fn every_service_of_an_account_is_listed_in_order(fixture: &CarrierFixture) {
        for owner in [fixture.main(), fixture.sub(), fixture.bare()] {
            assert_eq!(fixture.services().list(&owner.access()).await.unwrap(), sorted(owner));
        }
    }

    /// Each number, short code and sender of the pool is listed once across all pages.
    pub async fn every_number_of_a_pool_is_listed_in_order(fixture: &CarrierFixture) {
        for pooled_service in &fixture.main().services[..3] {
            let mut expected = pooled_service.pool.clone();
            expected.sort();
            let pool =
                fixture.services().pool(&fixture.main().access(), pooled_service.service.sid).await;
            assert_eq!(pool.unwrap(), expected);
        }
    }

    /// A service of another account looks as if it did not exist.
    pub async fn a_service_of_nobody_or_of_another_account_has_no_pool(fixture: &CarrierFixture) {
        let access = fixture.main().access();
        for service in [samples::service_sid(9_999), fixture.sub().services[0].service.sid] {
            let pool = fixture.services().pool(&access, service).await;
            assert_missing(pool, "service.pool", fixture.main());
        }
    }

    /// The setting can be changed repeatedly, and nothing else about the service changes.
    pub async fn a_service_leaves_messages_to_the_number_or_not(fixture: &CarrierFixture) {
        let access = fixture.main().access();
        let mut expected = sorted(fixture.main());
        let sid = expected[5].sid;
        let (number, service) = (InboundWebhook::Number, InboundWebhook::Service);
        for webhook in [number, number, service, number] {
            fixture.services().set_inbound_webhook(&access, sid, webhook).await.unwrap();
            expected[5].inbound_webhook = webhook;
            assert_eq!(fixture.services().list(&access).await.unwrap(), expected);
        }
    }

    /// A service of another account cannot be changed.
    pub async fn a_service_of_nobody_or_of_another_account_cannot_be_changed(
        fixture: &CarrierFixture,
    ) {
        let foreign = &fixture.sub().services[0].service;
        for service in [samples::service_sid(9_999), foreign.sid] {
            for webhook in [InboundWebhook::Number, InboundWebhook::Service] {
                let access = fixture.main().access();
                let changed =
                    fixture.services().set_inbound_webhook(&access, service, webhook).await;
                assert_missing(changed, "service.update", fixture.main());
            }
        }
        let theirs = fixture.services().list(&fixture.sub().access()).await.unwrap();
        assert_eq!(theirs, std::slice::from_ref(foreign));
    }

    /// An API key gives access to services, whatever the token is.
    pub async fn an_api_key_is_enough(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let (access, pooled_service) = (owner.by_key(), &owner.services[0]);
        assert_eq!(fixture.services().list(&access).await.unwrap(), sorted(owner));
        let pool = fixture.services().pool(&access, pooled_service.service.sid).await.unwrap();
        assert_eq!(pool, pooled_service.pool);
        let (sid, webhook) = (pooled_service.service.sid, InboundWebhook::Service);
        fixture.services().set_inbound_webhook(&access, sid, webhook).await.unwrap();
    }

    /// An invalid token gives no access to services, and neither does the owner's token.
    pub async fn wrong_credentials_are_reported(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let service = owner.services[0].service.sid;
        for access in [owner.wrong(), owner.by_parent(fixture.main())] {
            assert_unauthorized(fixture.services().list(&access).await, "service.list", owner);
            let pool = fixture.services().pool(&access, service).await;
            assert_unauthorized(pool, "service.pool", owner);
            let webhook = InboundWebhook::Service;
            let changed = fixture.services().set_inbound_webhook(&access, service, webhook).await;
            assert_unauthorized(changed, "service.update", owner);
        }
    }

    /// The error for a suspended or closed account differs from the error for a wrong token.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let listed = fixture.services().list(&owner.access()).await;
            assert_inactive(listed, "service.list", owner);
        }
    }
}
