//! The laws of [`AccountStore`](switchboard_domain::ports::AccountStore).

use crate::concurrent::at_once;
use crate::expect_error::{
    assert_exists, assert_exists_but_for_one, assert_in_use, assert_missing,
};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// Lists every account in a scope.
async fn listed(fixture: &Fixture, scope: &Scope) -> Vec<Account> {
    fixture.accounts().list(scope, &Page::first(1_000)).await.unwrap()
}

/// An account without optional values.
fn bare(fixture: &Fixture) -> Account {
    Account {
        parent: None,
        tokens: SealedTokens { primary: Sealed::from_bytes(vec![0]), next: None },
        api_key: None,
        region: Region::default(),
        status: AccountStatus::default(),
        validation: None,
        connection: None,
        ..samples::account(1, &fixture.ours)
    }
}

#[laws(accounts::account_laws)]
pub mod laws {
    use super::*;

    /// The name, parent, sealed tokens, sealed API key (of any bytes), region, status and creation
    /// time (to the microsecond) are stored exactly.
    pub async fn an_account_is_found_as_it_was_added(fixture: &Fixture) {
        let account = samples::account(1, &fixture.ours);
        fixture.accounts().add(&fixture.us, &account).await.unwrap();
        assert_eq!(fixture.accounts().find(&fixture.us, account.sid).await.unwrap(), Some(account));
    }

    /// A missing parent, next token or API key stays missing.
    pub async fn an_account_without_parent_next_token_and_api_key_is_found_as_it_was_added(
        fixture: &Fixture,
    ) {
        let account = bare(fixture);
        fixture.accounts().add(&fixture.us, &account).await.unwrap();
        assert_eq!(fixture.accounts().find(&fixture.us, account.sid).await.unwrap(), Some(account));
    }

    /// Every region and every status is stored exactly, both when the account is added and when it
    /// is changed.
    pub async fn every_region_and_status_of_an_account_survives(fixture: &Fixture) {
        let changed = fixture.account(100, &fixture.ours).await;
        let pairs = Region::ALL.into_iter().zip(AccountStatus::ALL);
        for (n, (region, status)) in (1..).zip(pairs) {
            let added = Account { region, status, ..samples::account(n, &fixture.ours) };
            fixture.accounts().add(&fixture.us, &added).await.unwrap();
            assert_eq!(fixture.accounts().find(&fixture.us, added.sid).await.unwrap(), Some(added));
            let wanted = Account { region, status, ..changed.clone() };
            fixture.accounts().change(&fixture.us, None, &wanted).await.unwrap();
            assert_eq!(
                fixture.accounts().find(&fixture.us, wanted.sid).await.unwrap(),
                Some(wanted)
            );
        }
    }

    /// Looking up an account that does not exist is not an error.
    pub async fn an_account_that_was_never_added_is_not_found(fixture: &Fixture) {
        let found =
            fixture.accounts().find(&samples::operator(), samples::account_sid(1)).await.unwrap();
        assert_eq!(found, None);
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// The case of letters in a SID is kept and is significant.
    pub async fn sids_that_differ_in_case_are_two_accounts(fixture: &Fixture) {
        let upper = AccountSid::parse(&format!("AC{}", "A".repeat(32))).unwrap();
        let lower = AccountSid::parse(&format!("AC{}", "a".repeat(32))).unwrap();
        for sid in [lower, upper] {
            let account = Account { sid, ..samples::account(1, &fixture.ours) };
            fixture.accounts().add(&fixture.us, &account).await.unwrap();
        }
        let sids: Vec<_> =
            listed(fixture, &fixture.us).await.iter().map(|account| account.sid).collect();
        assert_eq!(sids, [upper, lower]);
    }

    /// Adding an account whose SID exists fails and does not change the stored account.
    pub async fn an_account_cannot_be_added_twice(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let again = Account { name: samples::label("again"), ..account.clone() };
        assert_exists(fixture.accounts().add(&fixture.us, &again).await, Entity::Account);
        assert_eq!(listed(fixture, &samples::operator()).await, [account]);
    }

    /// A SID is unique across organizations, even for an organization that cannot see the account.
    pub async fn an_account_of_another_organization_cannot_be_added_again(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        let again = samples::account(1, &fixture.ours);
        assert_exists(fixture.accounts().add(&fixture.us, &again).await, Entity::Account);
        assert_exists(fixture.accounts().add(&samples::operator(), &again).await, Entity::Account);
        assert_eq!(listed(fixture, &samples::operator()).await, [account]);
    }

    /// If many tasks add the same account at the same time, exactly one succeeds.
    pub async fn an_account_that_is_added_by_many_at_once_is_there_once(fixture: &Fixture) {
        let (us, ours) = (fixture.us.clone(), fixture.ours.clone());
        let results = at_once(|_| {
            let (store, us, ours) = (fixture.store(), us.clone(), ours.clone());
            async move { store.accounts().add(&us, &samples::account(1, &ours)).await }
        });
        assert_exists_but_for_one(results.await, Entity::Account);
    }

    /// An account cannot be added to an organization that the scope does not cover.
    pub async fn an_account_cannot_be_added_into_a_foreign_organization(fixture: &Fixture) {
        let account = samples::account(1, &fixture.theirs);
        assert_missing(fixture.accounts().add(&fixture.us, &account).await, Entity::Organization);
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// Not even the operator can add an account to an organization that does not exist.
    pub async fn an_account_needs_an_organization_that_is_there(fixture: &Fixture) {
        let nowhere = samples::organization(404);
        let account = samples::account(1, &nowhere);
        let own = samples::author(Scope::Organization(nowhere));
        assert_missing(
            fixture.accounts().add(&samples::operator(), &account).await,
            Entity::Organization,
        );
        assert_missing(fixture.accounts().add(&own, &account).await, Entity::Organization);
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// Knowing the SID of an account of another organization does not give access to it.
    pub async fn an_account_of_another_organization_is_not_found(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        assert_eq!(fixture.accounts().find(&fixture.us, account.sid).await.unwrap(), None);
        assert_eq!(
            fixture.accounts().find(&fixture.them, account.sid).await.unwrap().as_ref(),
            Some(&account)
        );
        assert_eq!(
            fixture.accounts().find(&samples::operator(), account.sid).await.unwrap(),
            Some(account)
        );
    }

    /// An organization lists only its own accounts. The operator lists all of them.
    pub async fn accounts_of_another_organization_are_not_listed(fixture: &Fixture) {
        let mine = fixture.account(2, &fixture.ours).await;
        let first = fixture.account(1, &fixture.theirs).await;
        let last = fixture.account(3, &fixture.theirs).await;
        assert_eq!(listed(fixture, &fixture.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(fixture, &fixture.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(fixture, &samples::operator()).await, [first, mine, last]);
    }

    /// Pages of any size return each account once, ordered by SID.
    pub async fn pages_of_accounts_follow_each_other(fixture: &Fixture) {
        for n in [4, 1, 5, 3, 2] {
            fixture.account(n, &fixture.ours).await;
            fixture.account(100 + n, &fixture.theirs).await;
        }
        let expected: Vec<_> = (1..=5).map(|n| samples::account(n, &fixture.ours)).collect();
        let list = async |page| fixture.accounts().list(&fixture.us, &page).await;
        pages::hold(&expected, |account| account.sid, list).await;
    }

    /// A page may begin after a key that does not exist (any more).
    pub async fn a_page_of_accounts_begins_behind_any_key(fixture: &Fixture) {
        fixture.account(1, &fixture.ours).await;
        let third = fixture.account(3, &fixture.ours).await;
        let page = Page::behind(samples::account_sid(2), 10);
        assert_eq!(fixture.accounts().list(&fixture.us, &page).await.unwrap(), [third]);
    }

    /// A change replaces the name, parent, tokens, API key, region and status, but not the
    /// organization and creation time.
    pub async fn a_changed_account_keeps_its_organization_and_its_time_of_creation(
        fixture: &Fixture,
    ) {
        let account = fixture.account(1, &fixture.ours).await;
        let other = fixture.account(2, &fixture.ours).await;
        let wanted = Account {
            organization: fixture.theirs.clone(),
            name: samples::label("renamed"),
            created_at: samples::at(99),
            ..bare(fixture)
        };
        fixture.accounts().change(&samples::operator(), None, &wanted).await.unwrap();
        let expected = Account {
            organization: account.organization,
            created_at: account.created_at,
            ..wanted
        };
        assert_eq!(listed(fixture, &samples::operator()).await, [expected, other]);
    }

    /// A change can add a parent, a next token and an API key.
    pub async fn a_changed_account_gets_what_it_did_not_have(fixture: &Fixture) {
        fixture.accounts().add(&fixture.us, &bare(fixture)).await.unwrap();
        let wanted = samples::account(1, &fixture.ours);
        fixture.accounts().change(&fixture.us, None, &wanted).await.unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, [wanted]);
    }

    /// Changing an account that does not exist does not add it.
    pub async fn an_account_that_is_not_there_cannot_be_changed(fixture: &Fixture) {
        let account = samples::account(1, &fixture.ours);
        assert_missing(
            fixture.accounts().change(&fixture.us, None, &account).await,
            Entity::Account,
        );
        assert_missing(
            fixture.accounts().change(&samples::operator(), None, &account).await,
            Entity::Account,
        );
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// Access depends on the organization of the stored account, not on the one in the given
    /// account.
    pub async fn an_account_of_another_organization_cannot_be_changed(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        for said in [&fixture.ours, &fixture.theirs] {
            let wanted = Account { organization: said.clone(), ..bare(fixture) };
            assert_missing(
                fixture.accounts().change(&fixture.us, None, &wanted).await,
                Entity::Account,
            );
        }
        assert_eq!(listed(fixture, &samples::operator()).await, [account]);
    }

    /// A removed account no longer exists, and its SID can be added again.
    pub async fn a_removed_account_is_gone_and_can_come_back(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let other = fixture.account(2, &fixture.ours).await;
        fixture.accounts().remove(&fixture.us, account.sid, None).await.unwrap();
        assert_eq!(fixture.accounts().find(&fixture.us, account.sid).await.unwrap(), None);
        assert_eq!(listed(fixture, &fixture.us).await, [other]);
        fixture.account(1, &fixture.theirs).await;
    }

    /// Removing an account that does not exist fails with `Missing`.
    pub async fn an_account_that_is_not_there_cannot_be_removed(fixture: &Fixture) {
        let sid = samples::account_sid(1);
        assert_missing(fixture.accounts().remove(&fixture.us, sid, None).await, Entity::Account);
        assert_missing(
            fixture.accounts().remove(&samples::operator(), sid, None).await,
            Entity::Account,
        );
    }

    /// An account of another organization looks as if it did not exist, even if numbers belong to
    /// it.
    pub async fn an_account_of_another_organization_cannot_be_removed(fixture: &Fixture) {
        let empty = fixture.account(1, &fixture.theirs).await;
        let used = fixture.account(2, &fixture.theirs).await;
        fixture.number(1, &used, None).await;
        for account in [&empty, &used] {
            assert_missing(
                fixture.accounts().remove(&fixture.us, account.sid, None).await,
                Entity::Account,
            );
        }
        assert_eq!(listed(fixture, &fixture.them).await, [empty, used]);
    }

    /// An account that owns numbers cannot be removed.
    pub async fn an_account_with_numbers_cannot_be_removed(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let number = fixture.number(1, &account, None).await;
        assert_in_use(
            fixture.accounts().remove(&fixture.us, account.sid, None).await,
            Entity::Account,
        );
        assert_eq!(listed(fixture, &fixture.us).await, [account]);
        assert_eq!(fixture.numbers().find(&fixture.us, number.sender).await.unwrap(), Some(number));
    }

    /// If an account is removed while a number is added to it, one of the two operations fails.
    pub async fn an_account_is_not_removed_from_under_a_number_that_comes(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let results = at_once(|n| {
            let store = fixture.store();
            let number = samples::number(n, &account, None);
            async move {
                if n % 4 == 0 {
                    store.accounts().remove(&samples::operator(), number.account, None).await
                } else {
                    store.numbers().add(&samples::operator(), &number).await
                }
            }
        });
        let (mut removed, mut added) = (false, false);
        for (n, result) in results.await.into_iter().enumerate() {
            match result {
                Ok(()) if n % 4 == 0 => removed = true,
                Ok(()) => added = true,
                Err(StoreError::InUse { entity: Entity::Account, .. }) if n % 4 == 0 => {}
                result => assert_missing(result, Entity::Account),
            }
        }
        assert_ne!(removed, added, "either the account went or numbers came to it");
        let left = fixture
            .numbers()
            .list(&samples::operator(), &NumberFilter::default(), &Page::first(100))
            .await
            .unwrap();
        assert_eq!(left.is_empty(), removed);
        assert_eq!(listed(fixture, &fixture.us).await.is_empty(), removed);
    }
}
