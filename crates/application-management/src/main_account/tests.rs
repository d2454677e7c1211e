use switchboard_domain::ports::MockAccountStore;

use super::MainAccount;
use crate::fixtures::{accounts, clock, label, new_account, sealer, sealer_of, sid, token};
use crate::test_prelude::*;
use crate::{Accounts, ManageError, NewAccount, open_primary};

async fn ensure(ensuring: &Accounts, text: &str) -> Result<MainAccount, ManageError> {
    let (name, token) = (label("Main"), token(text));
    ensuring.ensure_main(&operator(), &default_organization(), sid('1'), &name, &token).await
}

async fn stored_account(store: &MemoryStore) -> Account {
    AccountStore::find(store, &operator(), sid('1')).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_main_account_is_added_then_kept_then_given_its_new_token() {
    let store = Arc::new(MemoryStore::new());
    let ensuring = accounts(&store);
    assert_eq!(ensure(&ensuring, "one").await.unwrap(), MainAccount::Added);
    let before = stored_account(&store).await;
    assert_eq!(ensure(&ensuring, "one").await.unwrap(), MainAccount::Unchanged);
    assert_eq!(stored_account(&store).await, before);
    assert_eq!(ensure(&ensuring, "two").await.unwrap(), MainAccount::TokenReplaced);
    assert_eq!(
        open_primary(&sealer().keyring, &stored_account(&store).await).unwrap().expose(),
        "two"
    );
}

#[tokio::test]
async fn a_next_token_that_became_the_primary_one_ends_the_rotation() {
    let store = Arc::new(MemoryStore::new());
    let new = NewAccount { next_token: Some(token("two")), ..new_account('1') };
    accounts(&store).add(&operator(), new).await.unwrap();
    let ensuring = accounts(&store);
    assert_eq!(ensure(&ensuring, "zero").await.unwrap(), MainAccount::TokenReplaced);
    assert!(stored_account(&store).await.tokens.next.is_some());
    assert_eq!(ensure(&ensuring, "two").await.unwrap(), MainAccount::TokenReplaced);
    assert!(stored_account(&store).await.tokens.next.is_none());
}

#[tokio::test]
async fn a_token_that_another_key_sealed_is_not_written_over() {
    let store = Arc::new(MemoryStore::new());
    let ensuring = accounts(&store);
    ensure(&ensuring, "one").await.unwrap();
    let accounts = Accounts { sealer: sealer_of(2), ..accounts(&store) };
    let error = ensure(&accounts, "one").await.unwrap_err();
    assert!(matches!(error, ManageError::TokenNotDecrypted { .. }));
}

#[tokio::test]
async fn a_replica_that_was_faster_is_no_failure() {
    let store = Arc::new(MemoryStore::new());
    accounts(&store).add(&operator(), new_account('1')).await.unwrap();
    let before = stored_account(&store).await;
    let mut accounts = MockAccountStore::new();
    let mut finds = 0;
    accounts.expect_find().returning(move |_, _| {
        finds += 1;
        Ok((finds > 1).then(|| before.clone()))
    });
    accounts.expect_add().returning(|_, _| {
        Err(StoreError::Exists { entity: switchboard_domain::ports::Entity::Account })
    });
    let ensuring = Accounts { store: Arc::new(accounts), sealer: sealer(), clock: clock() };
    let ensured = ensure(&ensuring, "first-token").await.unwrap();
    assert_eq!(ensured, MainAccount::Unchanged);
}
