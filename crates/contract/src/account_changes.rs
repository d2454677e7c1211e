//! The laws of [`AccountStore`](switchboard_domain::ports::AccountStore) about changes of accounts as they were read.

use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::carrier::{AccountStatus, Region};

use crate::concurrent::at_once;
use crate::expect_error::{assert_changed, assert_in_use, assert_missing};
use crate::prelude::*;
use crate::{Fixture, samples};

/// The account with another value in one place, for each place.
fn variations(account: &Account) -> Vec<Account> {
    let with = |change: &dyn Fn(&mut Account)| {
        let mut varied = account.clone();
        change(&mut varied);
        varied
    };
    vec![
        with(&|varied| varied.name = samples::label("other")),
        with(&|varied| varied.parent = None),
        with(&|varied| varied.tokens.primary = samples::sealed(77)),
        with(&|varied| varied.tokens.next = None),
        with(&|varied| varied.api_key = None),
        with(&|varied| varied.region = Region::Au1),
        with(&|varied| varied.status = AccountStatus::Closed),
        with(&|varied| varied.validation = None),
        with(&|varied| varied.validation = Some(AccountValidation::Enforced)),
        with(&|varied| {
            if let Some(connection) = &mut varied.connection {
                connection.disconnected_at = None;
            }
        }),
        with(&|varied| varied.connection = None),
    ]
}

async fn stored(fixture: &Fixture, account: &Account) -> Option<Account> {
    fixture.accounts().find(&fixture.us, account.sid).await.unwrap()
}

/// An account in which every field has a value.
async fn added(fixture: &Fixture) -> Account {
    let account = samples::account(1, &fixture.ours);
    fixture.accounts().add(&fixture.us, &account).await.unwrap();
    account
}

#[laws(account_changes::account_change_laws)]
pub mod laws {
    use super::*;

    /// An account that is still as it was read is changed and removed.
    pub async fn an_account_is_changed_as_it_was_read(fixture: &Fixture) {
        let mut before = added(fixture).await;
        for wanted in variations(&before) {
            assert_ne!(wanted, before);
            fixture.accounts().change(&fixture.us, Some(&before), &wanted).await.unwrap();
            assert_eq!(stored(fixture, &before).await.as_ref(), Some(&wanted));
            before = wanted;
        }
        fixture.accounts().remove(&fixture.us, before.sid, Some(&before)).await.unwrap();
        assert_eq!(stored(fixture, &before).await, None);
    }

    /// After any change of an account, also of its tokens, it is neither changed nor removed by someone who has not seen it.
    pub async fn a_change_of_an_account_that_was_not_seen_is_not_overwritten(fixture: &Fixture) {
        let before = added(fixture).await;
        let mine = Account { name: samples::label("mine"), ..before.clone() };
        for changed in variations(&before) {
            fixture.accounts().change(&fixture.us, None, &changed).await.unwrap();
            for scope in [&fixture.us, &samples::operator()] {
                let outrun = fixture.accounts().change(scope, Some(&before), &mine).await;
                assert_changed(outrun, Entity::Account);
                let outrun = fixture.accounts().remove(scope, before.sid, Some(&before)).await;
                assert_changed(outrun, Entity::Account);
            }
            assert_eq!(stored(fixture, &before).await, Some(changed));
        }
    }

    /// An account of another organization, or one that does not exist, is missing, whatever was read.
    pub async fn what_was_read_of_an_account_gives_no_access(fixture: &Fixture) {
        let theirs = fixture.account(1, &fixture.theirs).await;
        let nobody = samples::account(2, &fixture.ours);
        for account in [&theirs, &nobody] {
            let changed = fixture.accounts().change(&fixture.us, Some(account), account).await;
            assert_missing(changed, Entity::Account);
            let removed = fixture.accounts().remove(&fixture.us, account.sid, Some(account)).await;
            assert_missing(removed, Entity::Account);
        }
        let found = fixture.accounts().find(&fixture.them, theirs.sid).await.unwrap();
        assert_eq!(found, Some(theirs));
    }

    /// An account that is still as it was read is not removed while numbers belong to it.
    pub async fn an_account_with_numbers_is_not_removed_as_it_was_read(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        fixture.number(1, &account, None).await;
        let removed = fixture.accounts().remove(&fixture.us, account.sid, Some(&account)).await;
        assert_in_use(removed, Entity::Account);
    }

    /// If many tasks change the same account as they read it, exactly one of them succeeds.
    pub async fn of_many_changes_of_an_account_as_it_was_read_one_wins(fixture: &Fixture) {
        let before = added(fixture).await;
        let wanted = |n: u32| {
            let name = samples::label(&format!("Name {n}"));
            Account { name, ..before.clone() }
        };
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let (before, wanted) = (before.clone(), wanted(n));
            async move { store.accounts().change(&us, Some(&before), &wanted).await }
        });
        let results = results.await;
        let winners: Vec<_> = (0..).zip(&results).filter(|(_, one)| one.is_ok()).collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        assert_eq!(stored(fixture, &before).await, Some(wanted(winners[0].0)));
        for result in results.into_iter().filter(Result::is_err) {
            assert_changed(result, Entity::Account);
        }
    }
}
