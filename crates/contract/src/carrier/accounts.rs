//! The laws of [`AccountCarrier`](switchboard_domain::ports::carrier::AccountCarrier).

use switchboard_domain::carrier::{AccountStatus, CarrierAccess, CarrierAccount};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::{CarrierWorld, refused};

/// Everything of an account, in a form that can be compared.
fn facts(account: &CarrierAccount) -> (AccountSid, &str, AccountSid, AccountStatus, Option<&str>) {
    let token = account.token.as_ref().map(Secret::expose);
    (account.sid, &account.name, account.owner, account.status, token)
}

carrier_laws! {
    $
    /// Stamps the laws of `AccountCarrier` on a harness.
    account_carrier_laws in accounts;

    /// A main account owns itself; a subaccount names its owner.
    async fn an_account_is_fetched_by_its_own_token(world: &CarrierWorld) {
        for owner in [world.main(), world.sub()] {
            let fetched = world.accounts.fetch(&owner.access()).await.unwrap();
            assert_eq!(facts(&fetched), facts(&owner.account));
        }
        let subaccount = world.accounts.fetch(&world.sub().access()).await.unwrap();
        assert_eq!(subaccount.parent(), Some(world.main().account.sid));
    }

    /// However many pages there are, each account is there once; suspended and closed ones too.
    async fn an_account_lists_itself_and_all_that_it_owns_in_order(world: &CarrierWorld) {
        let listed = world.accounts.list(&world.main().access()).await.unwrap();
        let expected = world.estate.holdings.iter().map(|holding| facts(&holding.account));
        assert_eq!(listed.iter().map(facts).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    /// What its owner owns besides is not told.
    async fn a_subaccount_lists_itself_only(world: &CarrierWorld) {
        let parent = world.sub().by_parent(world.main()).parent;
        for access in [world.sub().access(), CarrierAccess { parent, ..world.sub().access() }] {
            let listed = world.accounts.list(&access).await.unwrap();
            assert_eq!(listed.iter().map(facts).collect::<Vec<_>>(), [facts(&world.sub().account)]);
        }
    }

    /// Whatever else opens the account: this is how a token is tried.
    async fn only_the_accounts_own_token_opens_it(world: &CarrierWorld) {
        let owner = world.sub();
        for access in [owner.wrong(), owner.by_key(), owner.by_parent(world.main())] {
            let fetched = world.accounts.fetch(&access).await;
            refused::unauthorized(fetched, "account.fetch", owner);
            refused::unauthorized(world.accounts.list(&access).await, "account.list", owner);
        }
    }

    /// During a rotation: what was promoted opens the account although the first token does not any more.
    async fn the_next_token_opens_an_account_whose_first_one_is_refused(world: &CarrierWorld) {
        let owner = world.sub();
        let access = owner.by_next();
        assert_eq!(world.accounts.fetch(&access).await.unwrap().sid, owner.account.sid);
        assert!(world.numbers.list(&access).await.is_ok());
    }

    /// An account that is suspended or closed is told from one with a wrong token.
    async fn an_account_that_is_not_active_is_told(world: &CarrierWorld) {
        for owner in world.inactive() {
            let access = owner.access();
            refused::inactive(world.accounts.fetch(&access).await, "account.fetch", owner);
            refused::inactive(world.accounts.list(&access).await, "account.list", owner);
        }
    }
}
