//! The laws of [`ServiceCarrier`](switchboard_domain::ports::carrier::ServiceCarrier).

use switchboard_domain::carrier::MessagingService;

use super::{CarrierWorld, Holding, refused, samples};

/// The services of an account in the order in which they are listed.
fn sorted(owner: &Holding) -> Vec<MessagingService> {
    let mut services: Vec<_> =
        owner.services.iter().map(|keeping| keeping.service.clone()).collect();
    services.sort_by_key(|service| service.sid);
    services
}

carrier_laws! {
    $
    /// Stamps the laws of `ServiceCarrier` on a harness.
    service_carrier_laws in services;

    /// However many pages there are, each service is there once, and none of another account.
    async fn every_service_of_an_account_is_listed_in_order(world: &CarrierWorld) {
        for owner in [world.main(), world.sub(), world.bare()] {
            assert_eq!(world.services.list(&owner.access()).await.unwrap(), sorted(owner));
        }
    }

    /// However many pages there are, each number of the pool is there once.
    async fn every_number_of_a_pool_is_told_in_order(world: &CarrierWorld) {
        for keeping in &world.main().services[..3] {
            let mut expected = keeping.pool.clone();
            expected.sort();
            let pool = world.services.pool(&world.main().access(), keeping.service.sid).await;
            assert_eq!(pool.unwrap(), expected);
        }
    }

    /// A service of another account is as if it were not there.
    async fn a_service_of_nobody_or_of_another_account_has_no_pool(world: &CarrierWorld) {
        let access = world.main().access();
        for service in [samples::service_sid(9_999), world.sub().services[0].service.sid] {
            let pool = world.services.pool(&access, service).await;
            refused::missing(pool, "service.pool", world.main());
        }
    }

    /// It can be said both ways, and again, and nothing else about the service changes.
    async fn a_service_leaves_messages_to_the_number_or_not(world: &CarrierWorld) {
        let access = world.main().access();
        let mut expected = sorted(world.main());
        let sid = expected[5].sid;
        for defers in [true, true, false, true] {
            world.services.defer(&access, sid, defers).await.unwrap();
            expected[5].defers_to_number = defers;
            assert_eq!(world.services.list(&access).await.unwrap(), expected);
        }
    }

    /// What others have cannot be changed, and stays.
    async fn a_service_of_nobody_or_of_another_account_cannot_be_changed(world: &CarrierWorld) {
        let foreign = &world.sub().services[0].service;
        for service in [samples::service_sid(9_999), foreign.sid] {
            let defers = !foreign.defers_to_number;
            let changed = world.services.defer(&world.main().access(), service, defers).await;
            refused::missing(changed, "service.update", world.main());
        }
        let theirs = world.services.list(&world.sub().access()).await.unwrap();
        assert_eq!(theirs, std::slice::from_ref(foreign));
    }

    /// An API key opens services, whatever the token is.
    async fn an_api_key_is_enough(world: &CarrierWorld) {
        let owner = world.sub();
        let (access, keeping) = (owner.by_key(), &owner.services[0]);
        assert_eq!(world.services.list(&access).await.unwrap(), sorted(owner));
        let pool = world.services.pool(&access, keeping.service.sid).await.unwrap();
        assert_eq!(pool, keeping.pool);
        world.services.defer(&access, keeping.service.sid, false).await.unwrap();
    }

    /// A token that is nobody's opens nothing, and the owner's opens no services.
    async fn wrong_credentials_are_told(world: &CarrierWorld) {
        let owner = world.sub();
        let service = owner.services[0].service.sid;
        for access in [owner.wrong(), owner.by_parent(world.main())] {
            refused::unauthorized(world.services.list(&access).await, "service.list", owner);
            let pool = world.services.pool(&access, service).await;
            refused::unauthorized(pool, "service.pool", owner);
            let changed = world.services.defer(&access, service, false).await;
            refused::unauthorized(changed, "service.update", owner);
        }
    }

    /// An account that is suspended or closed is told from one with a wrong token.
    async fn an_account_that_is_not_active_is_told(world: &CarrierWorld) {
        for owner in world.inactive() {
            let listed = world.services.list(&owner.access()).await;
            refused::inactive(listed, "service.list", owner);
        }
    }
}
