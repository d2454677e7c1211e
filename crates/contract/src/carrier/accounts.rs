//! The laws of [`AccountCarrier`](switchboard_domain::ports::carrier::AccountCarrier).

use super::CarrierFixture;
use super::expect_error::{assert_inactive, assert_unauthorized};
use crate::prelude::*;

/// Every field of an account, in a form that can be compared.
fn facts(account: &CarrierAccount) -> (AccountSid, &str, AccountSid, AccountStatus, Option<&str>) {
    let token = account.token.as_ref().map(Secret::expose);
    (account.sid, &account.name, account.owner, account.status, token)
}

#[laws(carrier::accounts::account_carrier_laws)]
pub mod laws {
    use super::*;

    /// A main account is its own owner. A subaccount has its main account as owner.
    pub async fn an_account_is_fetched_by_its_own_token(fixture: &CarrierFixture) {
        for owner in [fixture.main(), fixture.sub()] {
            let fetched = fixture.accounts().fetch(&owner.access()).await.unwrap();
            assert_eq!(facts(&fetched), facts(&owner.account));
        }
        let subaccount = fixture.accounts().fetch(&fixture.sub().access()).await.unwrap();
        assert_eq!(subaccount.parent(), Some(fixture.main().account.sid));
    }

    /// Each account is listed once across all pages, including suspended and closed ones.
    pub async fn an_account_lists_itself_and_all_that_it_owns_in_order(fixture: &CarrierFixture) {
        let listed = fixture.accounts().list(&fixture.main().access()).await.unwrap();
        let expected = fixture.inventory.holdings.iter().map(|holding| facts(&holding.account));
        assert_eq!(listed.iter().map(facts).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    /// A subaccount does not list the other accounts of its owner.
    pub async fn a_subaccount_lists_itself_only(fixture: &CarrierFixture) {
        let parent = fixture.sub().by_parent(fixture.main()).parent;
        for access in [fixture.sub().access(), CarrierAccess { parent, ..fixture.sub().access() }] {
            let listed = fixture.accounts().list(&access).await.unwrap();
            assert_eq!(
                listed.iter().map(facts).collect::<Vec<_>>(),
                [facts(&fixture.sub().account)]
            );
        }
    }

    /// An API key and the owner's token are refused, because this method is used to verify tokens.
    pub async fn only_the_accounts_own_token_opens_it(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        for access in [owner.wrong(), owner.by_key(), owner.by_parent(fixture.main())] {
            let fetched = fixture.accounts().fetch(&access).await;
            assert_unauthorized(fetched, "account.fetch", owner);
            assert_unauthorized(fixture.accounts().list(&access).await, "account.list", owner);
        }
    }

    /// The token of the owner of a Connect app opens the accounts that have authorized the app, and no others.
    pub async fn the_owner_of_an_authorized_app_opens_an_account(fixture: &CarrierFixture) {
        let (owner, connected) = (fixture.sub(), fixture.connected());
        let access = connected.by_app_owner(owner);
        assert_eq!(fixture.accounts().fetch(&access).await.unwrap().sid, connected.account.sid);
        assert!(fixture.numbers().list(&access).await.is_ok());
        for (other, by) in
            [(fixture.bare(), owner), (connected, fixture.main()), (owner, connected)]
        {
            let fetched = fixture.accounts().fetch(&other.by_app_owner(by)).await;
            assert_unauthorized(fetched, "account.fetch", other);
        }
    }

    /// During a rotation, the promoted token gives access even though the first token is no longer
    /// valid.
    pub async fn the_next_token_opens_an_account_whose_first_one_is_refused(
        fixture: &CarrierFixture,
    ) {
        let owner = fixture.sub();
        let access = owner.by_next();
        assert_eq!(fixture.accounts().fetch(&access).await.unwrap().sid, owner.account.sid);
        assert!(fixture.numbers().list(&access).await.is_ok());
    }

    /// The error for a suspended or closed account differs from the error for a wrong token.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let access = owner.access();
            assert_inactive(fixture.accounts().fetch(&access).await, "account.fetch", owner);
            assert_inactive(fixture.accounts().list(&access).await, "account.list", owner);
        }
    }
}
