//! The laws of [`ApplicationCarrier`](switchboard_domain::ports::carrier::ApplicationCarrier).

use switchboard_domain::carrier::CarrierApplication;

use super::{CarrierWorld, Holding, refused};

/// The applications of an account in the order in which they are listed.
fn sorted(owner: &Holding) -> Vec<CarrierApplication> {
    let mut applications = owner.applications.clone();
    applications.sort_by_key(|application| application.sid);
    applications
}

carrier_laws! {
    $
    /// Stamps the laws of `ApplicationCarrier` on a harness.
    application_carrier_laws in applications;

    /// However many pages there are, each application is there once, and none of another account.
    async fn every_application_of_an_account_is_listed_in_order(world: &CarrierWorld) {
        for owner in [world.main(), world.sub(), world.bare()] {
            let listed = world.applications.list(&owner.access()).await.unwrap();
            assert_eq!(listed, sorted(owner));
        }
    }

    /// An API key opens applications, and so does the owner's token.
    async fn an_api_key_or_the_parents_token_is_enough(world: &CarrierWorld) {
        let owner = world.sub();
        for access in [owner.by_key(), owner.by_parent(world.main())] {
            assert_eq!(world.applications.list(&access).await.unwrap(), sorted(owner));
        }
    }

    /// A token that is nobody's opens nothing.
    async fn wrong_credentials_are_told(world: &CarrierWorld) {
        let owner = world.main();
        let listed = world.applications.list(&owner.wrong()).await;
        refused::unauthorized(listed, "application.list", owner);
    }

    /// An account that is suspended or closed is told from one with a wrong token.
    async fn an_account_that_is_not_active_is_told(world: &CarrierWorld) {
        for owner in world.inactive() {
            let listed = world.applications.list(&owner.access()).await;
            refused::inactive(listed, "application.list", owner);
        }
    }
}
