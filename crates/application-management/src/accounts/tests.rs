use super::{AccountChange, Accounts, remove_account};
use crate::fixtures::{
    accounts, add_account, add_number, clock, label, new_account, sealer, sealer_of, sid, token,
};
use crate::test_prelude::*;
use crate::{Edit, ManageError, NewAccount, open_api_key, open_next, open_primary};
use switchboard_domain::account::{Account, SealedApiKey};
use switchboard_domain::carrier::ApiKey;
use switchboard_domain::sealing::Sealed;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::ApiKeySid;

#[tokio::test]
async fn a_token_is_kept_sealed_and_opens_in_its_row_only() {
    let store = Arc::new(MemoryStore::new());
    let new = NewAccount { next_token: Some(token("second-token")), ..new_account('1') };
    let account = accounts(&store).add(&operator(), new).await.unwrap();

    let bytes = account.tokens.primary.as_bytes();
    assert!(!bytes.windows(5).any(|window| window == b"first"));
    let keyring = sealer().keyring;
    assert_eq!(open_primary(&keyring, &account).unwrap().expose(), "first-token");
    assert_eq!(open_next(&keyring, &account).unwrap().unwrap().expose(), "second-token");

    let mut moved = account.clone();
    moved.sid = sid('2');
    let error = open_primary(&keyring, &moved).unwrap_err();
    assert!(matches!(error, ManageError::TokenNotDecrypted { sid: at, .. } if at == sid('2')));
    assert!(open_primary(&sealer_of(9).keyring, &account).is_err());
}

/// Whoever can write to one column of the database cannot bring a revoked credential back.
#[tokio::test]
async fn the_sealed_form_of_a_replaced_credential_does_not_open_again() {
    let store = Arc::new(MemoryStore::new());
    let changing = accounts(&store);
    let api_key = |secret: &str| ApiKey {
        sid: ApiKeySid::parse(&format!("SK{}", "1".repeat(32))).unwrap(),
        secret: Secret::new(secret.to_owned()),
    };
    let new = NewAccount {
        next_token: Some(token("next-1")),
        api_key: Some(api_key("key-1")),
        ..new_account('1')
    };
    let mut held = vec![changing.add(&operator(), new).await.unwrap()];
    // A column that is cleared in between does not begin with its first version again.
    let cleared =
        AccountChange { next_token: Edit::Clear, api_key: Edit::Clear, ..AccountChange::default() };
    for n in 2..=4 {
        changing.change(&operator(), sid('1'), cleared.clone()).await.unwrap();
        let change = AccountChange {
            token: Some(token(&format!("token-{n}"))),
            next_token: Edit::Set(token(&format!("next-{n}"))),
            api_key: Edit::Set(api_key(&format!("key-{n}"))),
            ..AccountChange::default()
        };
        held.push(changing.change(&operator(), sid('1'), change).await.unwrap());
    }
    let keyring = sealer().keyring;
    for (row, current) in held.iter().enumerate() {
        for (old, replaced) in held.iter().enumerate() {
            let put_back = |sealed: &Sealed, of: &Sealed| {
                Sealed::of_version(of.as_bytes().to_vec(), sealed.version())
            };
            let mut account = current.clone();
            account.tokens.primary = put_back(&current.tokens.primary, &replaced.tokens.primary);
            let next = |account: &Account| account.tokens.next.clone().unwrap();
            account.tokens.next = Some(put_back(&next(current), &next(replaced)));
            let key = |account: &Account| account.api_key.clone().unwrap();
            let secret = put_back(&key(current).secret, &key(replaced).secret);
            account.api_key = Some(SealedApiKey { secret, ..key(current) });
            let opened = [
                open_primary(&keyring, &account).is_ok(),
                open_next(&keyring, &account).is_ok(),
                open_api_key(&keyring, &account).is_ok(),
            ];
            assert_eq!(opened, [row == old; 3], "{old} in the row of {row}");
        }
    }
}

#[tokio::test]
async fn an_account_is_added_once() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    let error = accounts(&store).add(&operator(), new_account('1')).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountKnown { .. }));
}

#[tokio::test]
async fn an_account_is_not_its_own_parent() {
    let store = Arc::new(MemoryStore::new());
    let new = NewAccount { parent: Some(sid('1')), ..new_account('1') };
    let error = accounts(&store).add(&operator(), new).await.unwrap_err();
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
    accounts(&store).add(&operator(), new).await.unwrap();
    let changing = accounts(&store);

    let change = AccountChange { name: Some(label("Sales")), ..AccountChange::default() };
    let account = changing.change(&operator(), sid('1'), change).await.unwrap();
    assert_eq!((account.name.as_str(), account.parent), ("Sales", Some(sid('9'))));
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), "first-token");

    let change = AccountChange {
        token: Some(token("second-token")),
        next_token: Edit::Clear,
        parent: Edit::Clear,
        ..AccountChange::default()
    };
    let account = changing.change(&operator(), sid('1'), change).await.unwrap();
    assert_eq!((account.name.as_str(), account.parent), ("Sales", None));
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), "second-token");
    assert!(account.tokens.next.is_none());

    let error = changing.change(&operator(), sid('2'), AccountChange::default()).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountUnknown { .. }));
}

#[tokio::test]
async fn an_account_goes_when_it_owns_no_numbers() {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, '1').await;
    add_account(&store, '2').await;
    add_number(&store, "+14155550100", '2').await;
    remove_account(&*store, &operator(), sid('1'), None).await.unwrap();
    let error = remove_account(&*store, &operator(), sid('1'), None).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountUnknown { .. }));
    let error = remove_account(&*store, &operator(), sid('2'), None).await.unwrap_err();
    assert!(matches!(error, ManageError::AccountInUse { .. }));
}

#[tokio::test]
async fn a_store_that_is_away_is_the_cause_and_not_the_message() {
    let store = Arc::new(MemoryStore::new());
    store.fail_every(Fault::Unavailable);
    let adding = Accounts { store, sealer: sealer(), clock: clock() };
    let error = adding.add(&operator(), new_account('1')).await.unwrap_err();
    assert_eq!(error.to_string(), "adding the account failed");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "store unavailable during account.add");
}

#[tokio::test]
async fn an_account_is_not_below_itself() {
    let store = Arc::new(MemoryStore::new());
    for digit in ['1', '2', '3'] {
        add_account(&store, digit).await;
    }
    let managing = accounts(&store);
    let below = async |account, parent| {
        let change = AccountChange { parent: Edit::Set(sid(parent)), ..AccountChange::default() };
        managing.change(&operator(), sid(account), change).await
    };
    below('2', '1').await.unwrap();
    below('3', '2').await.unwrap();
    let error = below('1', '3').await.unwrap_err();
    assert!(matches!(error, ManageError::OwnParent { .. }), "{error}");
    // A parent that is not stored can be named, and other changes do not look at it.
    below('1', '9').await.unwrap();
}
