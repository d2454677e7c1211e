use super::{AccountChange, Accounts, remove_account};
use crate::fixtures::{
    accounts, add_account, add_number, clock, label, new_account, sealer, sealer_of, sid, token,
};
use crate::test_prelude::*;
use crate::{Edit, ManageError, NewAccount, open_next, open_primary};

#[tokio::test]
async fn a_token_is_kept_sealed_and_opens_in_its_row_only() {
    let store = Arc::new(MemoryStore::new());
    let new = NewAccount { next_token: Some(token("second-token")), ..new_account('1') };
    let account = accounts(&store).add(&Scope::Operator, new).await.unwrap();

    let bytes = account.tokens.primary.as_bytes();
    assert!(!bytes.windows(5).any(|window| window == b"first"));
    let keyring = sealer().keyring;
    assert_eq!(open_primary(&keyring, &account).unwrap().expose(), "first-token");
    assert_eq!(open_next(&keyring, &account).unwrap().unwrap().expose(), "second-token");

    let mut moved = account.clone();
    moved.sid = sid('2');
    let error = open_primary(&keyring, &moved).unwrap_err();
    assert!(matches!(error, ManageError::TokenUnopened { sid: at, .. } if at == sid('2')));
    assert!(open_primary(&sealer_of(9).keyring, &account).is_err());
}

#[tokio::test]
async fn an_account_is_added_once() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    let error = accounts(&store).add(&Scope::Operator, new_account('1')).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountKnown { .. }));
}

#[tokio::test]
async fn an_account_is_not_its_own_parent() {
    let store = Arc::new(MemoryStore::new());
    let new = NewAccount { parent: Some(sid('1')), ..new_account('1') };
    let error = accounts(&store).add(&Scope::Operator, new).await.unwrap_err();
    assert!(matches!(error, ManageError::OwnParent { .. }));
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let store = Arc::new(MemoryStore::new());
    let new = NewAccount {
        parent: Some(sid('9')),
        next_token: Some(token("second-token")),
        ..new_account('1')
    };
    accounts(&store).add(&Scope::Operator, new).await.unwrap();
    let changing = accounts(&store);

    let change = AccountChange { name: Some(label("Sales")), ..AccountChange::default() };
    let account = changing.change(&Scope::Operator, sid('1'), change).await.unwrap();
    assert_eq!((account.name.as_str(), account.parent), ("Sales", Some(sid('9'))));
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), "first-token");

    let change = AccountChange {
        token: Some(token("second-token")),
        next_token: Edit::Clear,
        parent: Edit::Clear,
        ..AccountChange::default()
    };
    let account = changing.change(&Scope::Operator, sid('1'), change).await.unwrap();
    assert_eq!((account.name.as_str(), account.parent), ("Sales", None));
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), "second-token");
    assert!(account.tokens.next.is_none());

    let error =
        changing.change(&Scope::Operator, sid('2'), AccountChange::default()).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountUnknown { .. }));
}

#[tokio::test]
async fn an_account_goes_when_it_owns_no_numbers() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_account(&store, '2').await;
    add_number(&store, "+14155550100", '2').await;
    remove_account(&*store, &Scope::Operator, sid('1')).await.unwrap();
    let error = remove_account(&*store, &Scope::Operator, sid('1')).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountUnknown { .. }));
    let error = remove_account(&*store, &Scope::Operator, sid('2')).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountInUse { .. }));
}

#[tokio::test]
async fn a_store_that_is_away_is_the_cause_and_not_the_message() {
    let store = Arc::new(MemoryStore::new());
    store.fail_every(Fault::Unavailable);
    let adding = Accounts { store, sealer: sealer(), clock: clock() };
    let error = adding.add(&Scope::Operator, new_account('1')).await.unwrap_err();
    assert_eq!(error.to_string(), "adding the account failed");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "store unavailable during account.add");
}
