//! The cache of accounts.

use crate::prelude::*;
use switchboard_application::AccountCacheError;
use switchboard_domain::ports::{AccountStore, MockAccountStore};
use switchboard_domain::sealing::OpenError;

async fn loaded_with(
    keys: Arc<Keyring>,
    store: &Arc<MemoryStore>,
) -> Result<AccountCache, AccountCacheError> {
    AccountCache::load(store.clone(), keys).await
}

#[tokio::test]
async fn a_wrong_key_refuses_the_start_and_names_the_account_and_the_key() {
    let store = Arc::new(MemoryStore::new());
    let main = account(1);
    AccountStore::add(store.as_ref(), &operator(), &row(&keyring("old", 7), &main, None))
        .await
        .unwrap();
    let Err(error) = loaded_with(keyring("new", 8), &store).await else { panic!("started") };
    assert!(error.to_string().contains(main.sid.as_str()), "{error}");
    let AccountCacheError::WrongKey { account, source } = error else { panic!("{error}") };
    assert_eq!(account, main.sid);
    assert!(
        matches!(&source, OpenError::UnknownKey { id, .. } if id.as_str() == "old"),
        "{source}"
    );
    assert!(source.to_string().contains("accounts.sealed_token"), "{source}");
}

#[tokio::test]
async fn another_key_of_the_same_id_and_a_token_moved_between_rows_refuse_the_start() {
    let main = account(1);
    let exchanged = Arc::new(MemoryStore::new());
    AccountStore::add(exchanged.as_ref(), &operator(), &row(&keyring("k1", 8), &main, None))
        .await
        .unwrap();
    let moved = Arc::new(MemoryStore::new());
    let mut taken = row(&keyring("k1", 7), &main, None);
    taken.sid = account(2).sid;
    AccountStore::add(moved.as_ref(), &operator(), &taken).await.unwrap();
    let garbled = Arc::new(MemoryStore::new());
    let mut broken = row(&keyring("k1", 7), &main, None);
    broken.tokens.primary = Sealed::from_bytes(b"nonsense".to_vec());
    AccountStore::add(garbled.as_ref(), &operator(), &broken).await.unwrap();
    for store in [exchanged, moved, garbled] {
        assert!(matches!(
            loaded_with(keyring("k1", 7), &store).await,
            Err(AccountCacheError::WrongKey { .. })
        ));
    }
}

#[tokio::test]
async fn every_key_of_the_ring_opens() {
    let store = Arc::new(MemoryStore::new());
    AccountStore::add(store.as_ref(), &operator(), &row(&keyring("old", 7), &account(1), None))
        .await
        .unwrap();
    AccountStore::add(store.as_ref(), &operator(), &row(&keyring("new", 8), &account(2), None))
        .await
        .unwrap();
    let key =
        |id, chance| EncryptionKey::generate(KeyId::parse(id).unwrap(), [chance; 32]).unwrap();
    let both = Keyring::new(vec![key("new", 8), key("old", 7)]).unwrap();
    assert_eq!(loaded_with(Arc::new(both), &store).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_unavailable_store_fails_the_start() {
    let store = Arc::new(MemoryStore::new());
    store.fail_every(Fault::Unavailable);
    assert!(matches!(
        loaded_with(keyring("k1", 7), &store).await,
        Err(AccountCacheError::Store(_))
    ));
}

#[tokio::test]
async fn more_accounts_than_fit_into_a_page_are_all_loaded() {
    let keys = keyring("k1", 7);
    let mut rows: Vec<_> = (1..=2_500).map(|index| row(&keys, &account(index), None)).collect();
    rows.sort_by_key(|row| row.sid);
    let mut store = MockAccountStore::new();
    store.expect_list().returning(move |_, page| {
        let behind = rows.iter().filter(|row| page.after.is_none_or(|after| row.sid > after));
        Ok(behind.take(page.limit as usize).cloned().collect())
    });
    assert_eq!(AccountCache::load(Arc::new(store), keys).await.unwrap().len(), 2_500);
}

#[tokio::test]
async fn a_refresh_leaves_out_the_account_that_does_not_open_and_keeps_the_rest() {
    let (app, main, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let other = account(2);
    app.add_account(&other).await;
    app.store
        .accounts()
        .change(&operator(), None, &row(&keyring("lost", 9), &other, None))
        .await
        .unwrap();
    app.directory.refresh().await.unwrap();
    let by = |account| Request::post(VOICE, &call(account, CALLER, NUMBER)).signed_by(account);
    assert_eq!(app.voice(&by(&main)).await.unwrap().agent, Some(sales.id));
    assert_eq!(refusal(app.voice(&by(&other)).await), Refusal::AccountUnknown);
}

#[tokio::test]
async fn a_refresh_that_fails_keeps_every_account() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.faults.fail_every(Fault::Unavailable);
    assert!(app.directory.refresh().await.is_err());
    assert_eq!(app.directory.len(), 1);
    // The request is verified; only the number is not known yet.
    assert_unavailable(
        app.voice(&Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main)).await,
    );
}

#[tokio::test]
async fn an_account_without_a_token_is_always_refused() {
    let app = TestApp::empty().await;
    let mut bare = account(1);
    bare.token = String::new();
    app.add_account(&bare).await;
    let request = Request::post(VOICE, &call(&bare, CALLER, NUMBER));
    assert_eq!(
        refusal(app.voice(&request.clone().signed_by(&account(1))).await),
        Refusal::SignatureWrong
    );
    assert_eq!(refusal(app.voice(&request).await), Refusal::SignatureMissing);
}
