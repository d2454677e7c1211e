//! The laws of [`AccountStore`](switchboard_domain::ports::AccountStore).

use std::sync::Arc;

use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Entity, NumberFilter, Page, StoreError};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::sid::AccountSid;

use crate::crowd::at_once;
use crate::{World, pages, refused, samples};

/// Every account of a scope.
async fn listed(world: &World, scope: &Scope) -> Vec<Account> {
    world.accounts.list(scope, &Page::first(1_000)).await.unwrap()
}

/// An account with nothing but what an account must have.
fn bare(world: &World) -> Account {
    Account {
        parent: None,
        tokens: SealedTokens { primary: Sealed::from_bytes(vec![0]), next: None },
        api_key: None,
        region: Region::default(),
        status: AccountStatus::default(),
        ..samples::account(1, &world.ours)
    }
}

laws! {
    $
    /// Stamps the laws of `AccountStore` on a harness.
    account_laws in accounts;

    /// Name, parent, sealed tokens and a sealed API key of any bytes, region, status and the time to the
    /// microsecond survive.
    async fn an_account_is_found_as_it_was_added(world: &World) {
        let account = samples::account(1, &world.ours);
        world.accounts.add(&world.us, &account).await.unwrap();
        assert_eq!(world.accounts.find(&world.us, account.sid).await.unwrap(), Some(account));
    }

    /// No parent, no next token and no API key stay none.
    async fn an_account_without_parent_next_token_and_api_key_is_found_as_it_was_added(world: &World) {
        let account = bare(world);
        world.accounts.add(&world.us, &account).await.unwrap();
        assert_eq!(world.accounts.find(&world.us, account.sid).await.unwrap(), Some(account));
    }

    /// Every region and every status survive, as they are added and as they are changed.
    async fn every_region_and_status_of_an_account_survives(world: &World) {
        let changed = world.account(100, &world.ours).await;
        let pairs = Region::ALL.into_iter().zip(AccountStatus::ALL);
        for (n, (region, status)) in (1..).zip(pairs) {
            let added = Account { region, status, ..samples::account(n, &world.ours) };
            world.accounts.add(&world.us, &added).await.unwrap();
            assert_eq!(world.accounts.find(&world.us, added.sid).await.unwrap(), Some(added));
            let wanted = Account { region, status, ..changed.clone() };
            world.accounts.change(&world.us, &wanted).await.unwrap();
            assert_eq!(world.accounts.find(&world.us, wanted.sid).await.unwrap(), Some(wanted));
        }
    }

    /// Absence is no error.
    async fn an_account_that_was_never_added_is_not_found(world: &World) {
        let found = world.accounts.find(&Scope::Operator, samples::account_sid(1)).await.unwrap();
        assert_eq!(found, None);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// The case of a SID's digits is kept and counts.
    async fn sids_that_differ_in_case_are_two_accounts(world: &World) {
        let upper = AccountSid::parse(&format!("AC{}", "A".repeat(32))).unwrap();
        let lower = AccountSid::parse(&format!("AC{}", "a".repeat(32))).unwrap();
        for sid in [lower, upper] {
            let account = Account { sid, ..samples::account(1, &world.ours) };
            world.accounts.add(&world.us, &account).await.unwrap();
        }
        let sids: Vec<_> =
            listed(world, &world.us).await.iter().map(|account| account.sid).collect();
        assert_eq!(sids, [upper, lower]);
    }

    /// A SID is taken once; what is there stays as it was.
    async fn an_account_cannot_be_added_twice(world: &World) {
        let account = world.account(1, &world.ours).await;
        let again = Account { name: samples::label("again"), ..account.clone() };
        refused::exists(world.accounts.add(&world.us, &again).await, Entity::Account);
        assert_eq!(listed(world, &Scope::Operator).await, [account]);
    }

    /// A SID is taken for every organization, also for those that cannot see the account.
    async fn an_account_of_another_organization_cannot_be_added_again(world: &World) {
        let account = world.account(1, &world.theirs).await;
        let again = samples::account(1, &world.ours);
        refused::exists(world.accounts.add(&world.us, &again).await, Entity::Account);
        refused::exists(world.accounts.add(&Scope::Operator, &again).await, Entity::Account);
        assert_eq!(listed(world, &Scope::Operator).await, [account]);
    }

    /// Of many who add the same account at once, one does.
    async fn an_account_that_is_added_by_many_at_once_is_there_once(world: &World) {
        let (us, ours) = (world.us.clone(), world.ours.clone());
        let results = at_once(|_| {
            let (accounts, us, ours) = (Arc::clone(&world.accounts), us.clone(), ours.clone());
            async move { accounts.add(&us, &samples::account(1, &ours)).await }
        });
        refused::exists_but_for_one(results.await, Entity::Account);
    }

    /// Nothing is added for an organization that the scope does not cover.
    async fn an_account_cannot_be_added_into_a_foreign_organization(world: &World) {
        let account = samples::account(1, &world.theirs);
        refused::missing(world.accounts.add(&world.us, &account).await, Entity::Organization);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// Not even the operator adds an account of nobody.
    async fn an_account_needs_an_organization_that_is_there(world: &World) {
        let nowhere = samples::organization(404);
        let account = samples::account(1, &nowhere);
        let own = Scope::Organization(nowhere);
        refused::missing(
            world.accounts.add(&Scope::Operator, &account).await,
            Entity::Organization,
        );
        refused::missing(world.accounts.add(&own, &account).await, Entity::Organization);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// Who knows a SID of somebody else still does not see the account.
    async fn an_account_of_another_organization_is_not_found(world: &World) {
        let account = world.account(1, &world.theirs).await;
        assert_eq!(world.accounts.find(&world.us, account.sid).await.unwrap(), None);
        assert_eq!(
            world.accounts.find(&world.them, account.sid).await.unwrap().as_ref(),
            Some(&account)
        );
        assert_eq!(
            world.accounts.find(&Scope::Operator, account.sid).await.unwrap(),
            Some(account)
        );
    }

    /// Each organization lists its own accounts, the operator all of them.
    async fn accounts_of_another_organization_are_not_listed(world: &World) {
        let mine = world.account(2, &world.ours).await;
        let first = world.account(1, &world.theirs).await;
        let last = world.account(3, &world.theirs).await;
        assert_eq!(listed(world, &world.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(world, &world.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(world, &Scope::Operator).await, [first, mine, last]);
    }

    /// Pages of any size give each account once, in the order of the SIDs.
    async fn pages_of_accounts_follow_each_other(world: &World) {
        for n in [4, 1, 5, 3, 2] {
            world.account(n, &world.ours).await;
            world.account(100 + n, &world.theirs).await;
        }
        let expected: Vec<_> = (1..=5).map(|n| samples::account(n, &world.ours)).collect();
        let list = async |page| world.accounts.list(&world.us, &page).await;
        pages::hold(&expected, |account| account.sid, list).await;
    }

    /// A page may begin behind a key that is not there (any more).
    async fn a_page_of_accounts_begins_behind_any_key(world: &World) {
        world.account(1, &world.ours).await;
        let third = world.account(3, &world.ours).await;
        let page = Page::behind(samples::account_sid(2), 10);
        assert_eq!(world.accounts.list(&world.us, &page).await.unwrap(), [third]);
    }

    /// Name, parent, tokens, API key, region and status are replaced; organization and time of creation are not.
    async fn a_changed_account_keeps_its_organization_and_its_time_of_creation(world: &World) {
        let account = world.account(1, &world.ours).await;
        let other = world.account(2, &world.ours).await;
        let wanted = Account {
            organization: world.theirs.clone(),
            name: samples::label("renamed"),
            created_at: samples::at(99),
            ..bare(world)
        };
        world.accounts.change(&Scope::Operator, &wanted).await.unwrap();
        let expected = Account {
            organization: account.organization,
            created_at: account.created_at,
            ..wanted
        };
        assert_eq!(listed(world, &Scope::Operator).await, [expected, other]);
    }

    /// A parent, a next token and an API key can come later.
    async fn a_changed_account_gets_what_it_did_not_have(world: &World) {
        world.accounts.add(&world.us, &bare(world)).await.unwrap();
        let wanted = samples::account(1, &world.ours);
        world.accounts.change(&world.us, &wanted).await.unwrap();
        assert_eq!(listed(world, &world.us).await, [wanted]);
    }

    /// A change adds nothing.
    async fn an_account_that_is_not_there_cannot_be_changed(world: &World) {
        let account = samples::account(1, &world.ours);
        refused::missing(world.accounts.change(&world.us, &account).await, Entity::Account);
        refused::missing(world.accounts.change(&Scope::Operator, &account).await, Entity::Account);
        assert_eq!(listed(world, &Scope::Operator).await, []);
    }

    /// What counts is whose account it is, not whose it is said to be.
    async fn an_account_of_another_organization_cannot_be_changed(world: &World) {
        let account = world.account(1, &world.theirs).await;
        for said in [&world.ours, &world.theirs] {
            let wanted = Account { organization: said.clone(), ..bare(world) };
            refused::missing(world.accounts.change(&world.us, &wanted).await, Entity::Account);
        }
        assert_eq!(listed(world, &Scope::Operator).await, [account]);
    }

    /// What was removed is gone, and its SID is free again.
    async fn a_removed_account_is_gone_and_can_come_back(world: &World) {
        let account = world.account(1, &world.ours).await;
        let other = world.account(2, &world.ours).await;
        world.accounts.remove(&world.us, account.sid).await.unwrap();
        assert_eq!(world.accounts.find(&world.us, account.sid).await.unwrap(), None);
        assert_eq!(listed(world, &world.us).await, [other]);
        world.account(1, &world.theirs).await;
    }

    /// Whoever removes an account that is not there is told so.
    async fn an_account_that_is_not_there_cannot_be_removed(world: &World) {
        let sid = samples::account_sid(1);
        refused::missing(world.accounts.remove(&world.us, sid).await, Entity::Account);
        refused::missing(world.accounts.remove(&Scope::Operator, sid).await, Entity::Account);
    }

    /// An account of another organization is as if it were not there, also if numbers belong to it.
    async fn an_account_of_another_organization_cannot_be_removed(world: &World) {
        let empty = world.account(1, &world.theirs).await;
        let used = world.account(2, &world.theirs).await;
        world.number(1, &used, None).await;
        for account in [&empty, &used] {
            refused::missing(world.accounts.remove(&world.us, account.sid).await, Entity::Account);
        }
        assert_eq!(listed(world, &world.them).await, [empty, used]);
    }

    /// No number is left without its account.
    async fn an_account_with_numbers_cannot_be_removed(world: &World) {
        let account = world.account(1, &world.ours).await;
        let number = world.number(1, &account, None).await;
        refused::in_use(world.accounts.remove(&world.us, account.sid).await, Entity::Account);
        assert_eq!(listed(world, &world.us).await, [account]);
        assert_eq!(world.numbers.find(&world.us, number.phone_number).await.unwrap(), Some(number));
    }

    /// Of a removal and numbers that come at once, one side fails.
    async fn an_account_is_not_removed_from_under_a_number_that_comes(world: &World) {
        let account = world.account(1, &world.ours).await;
        let results = at_once(|n| {
            let (accounts, numbers) = (Arc::clone(&world.accounts), Arc::clone(&world.numbers));
            let number = samples::number(n, &account, None);
            async move {
                if n % 4 == 0 {
                    accounts.remove(&Scope::Operator, number.account).await
                } else {
                    numbers.add(&Scope::Operator, &number).await
                }
            }
        });
        let (mut removed, mut added) = (false, false);
        for (n, result) in results.await.into_iter().enumerate() {
            match result {
                Ok(()) if n % 4 == 0 => removed = true,
                Ok(()) => added = true,
                Err(StoreError::InUse { entity: Entity::Account, .. }) if n % 4 == 0 => {}
                result => refused::missing(result, Entity::Account),
            }
        }
        assert_ne!(removed, added, "either the account went or numbers came to it");
        let left = world
            .numbers
            .list(&Scope::Operator, &NumberFilter::default(), &Page::first(100))
            .await
            .unwrap();
        assert_eq!(left.is_empty(), removed);
        assert_eq!(listed(world, &world.us).await.is_empty(), removed);
    }
}
