//! The laws of [`ApplicationCarrier`](switchboard_domain::ports::carrier::ApplicationCarrier).

use super::expect_error::{assert_inactive, assert_unauthorized};
use super::{CarrierFixture, Holding};
use crate::prelude::*;

/// The applications of an account, ordered as they are listed.
fn sorted(owner: &Holding) -> Vec<CarrierApplication> {
    let mut applications = owner.applications.clone();
    applications.sort_by_key(|application| application.sid);
    applications
}

#[laws(carrier::applications::application_carrier_laws)]
pub mod laws {
    use super::*;

    /// Each application is listed once across all pages, without those of other accounts.
    pub async fn every_application_of_an_account_is_listed_in_order(fixture: &CarrierFixture) {
        for owner in [fixture.main(), fixture.sub(), fixture.bare()] {
            let listed = fixture.applications().list(&owner.access()).await.unwrap();
            assert_eq!(listed, sorted(owner));
        }
    }

    /// An API key gives access to applications, and so does the owner's token.
    pub async fn an_api_key_or_the_parents_token_is_enough(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        for access in [owner.by_key(), owner.by_parent(fixture.main())] {
            assert_eq!(fixture.applications().list(&access).await.unwrap(), sorted(owner));
        }
    }

    /// An invalid token gives no access.
    pub async fn wrong_credentials_are_reported(fixture: &CarrierFixture) {
        let owner = fixture.main();
        let listed = fixture.applications().list(&owner.wrong()).await;
        assert_unauthorized(listed, "application.list", owner);
    }

    /// The error for a suspended or closed account differs from the error for a wrong token.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let listed = fixture.applications().list(&owner.access()).await;
            assert_inactive(listed, "application.list", owner);
        }
    }
}
