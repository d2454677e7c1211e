//! This process sees the changes that another process makes.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::prelude::*;

use async_trait::async_trait;
use switchboard_domain::ports::{
    Change, ChangeNotice, ChangeStore, ChangeVersion, Changes, MockChangeStore, StoreError,
};
use tokio::sync::Notify;

fn request(account: &TestAccount) -> Request {
    Request::post(VOICE, &call(account, CALLER, NUMBER)).signed_by(account)
}

/// The configuration that a voice server gets for a call of the agent.
fn session(app: &TestApp, agent: &Agent, account: &TestAccount) -> (SessionClaims, String) {
    let claims = SessionClaims {
        call: CallSid::parse(CALL).unwrap(),
        agent: agent.id.clone(),
        account: account.sid,
        issued_at: NOW,
        expires_at: NOW.plus_seconds(600),
    };
    let token = app.sessions.mint(&claims);
    (claims, token)
}

#[tokio::test]
async fn a_change_of_a_number_is_answered_after_catching_up() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let other = agent(2, "Other");
    app.add_agent(&other).await;
    app.voice(&request(&main)).await.unwrap();
    app.assign(NUMBER, Some(&other)).await;
    app.watcher.catch_up().await.unwrap();
    assert_eq!(app.voice(&request(&main)).await.unwrap().agent, Some(other.id));
}

#[tokio::test]
async fn a_number_that_was_unknown_is_answered_after_catching_up() {
    let app = TestApp::empty().await;
    let main = account(1);
    app.add_account(&main).await;
    assert_eq!(app.voice(&request(&main)).await.unwrap().reason, Reason::UnknownNumber);
    app.add_number(NUMBER, &main, None).await;
    app.watcher.catch_up().await.unwrap();
    assert_eq!(app.voice(&request(&main)).await.unwrap().reason, Reason::Unassigned);
}

#[tokio::test]
async fn a_change_of_an_agent_shows_in_calls_and_in_sessions_after_catching_up() {
    let (app, main, mut sales) = TestApp::with_one_number(AppOptions::default()).await;
    let (claims, token) = session(&app, &sales, &main);
    app.voice(&request(&main)).await.unwrap();
    app.open_session.open(claims.call, &token).await.unwrap();
    sales.prompt = Prompt::parse("You rest.").unwrap();
    app.store.agents().change(&operator(), None, &sales).await.unwrap();
    app.watcher.catch_up().await.unwrap();
    let opened = app.open_session.open(claims.call, &token).await.unwrap();
    assert_eq!(opened.agent.prompt.as_str(), "You rest.");
    sales.profile.state = AgentState::Disabled;
    app.store.agents().change(&operator(), None, &sales).await.unwrap();
    app.watcher.catch_up().await.unwrap();
    assert_eq!(app.voice(&request(&main)).await.unwrap().reason, Reason::AgentDisabled);
    let refused = app.open_session.open(claims.call, &token).await;
    assert!(matches!(refused, Err(SessionRefused::AgentDisabled)));
}

#[tokio::test]
async fn an_account_that_was_added_or_removed_is_known_or_refused_after_catching_up() {
    let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
    let other = account(2);
    assert_eq!(refusal(app.voice(&request(&other)).await), Refusal::AccountUnknown);
    app.store.accounts().add(&operator(), &row(&app.keyring, &other, None)).await.unwrap();
    app.watcher.catch_up().await.unwrap();
    assert_eq!(refusal(app.voice(&request(&other)).await), Refusal::AccountMismatch);
    app.store.accounts().remove(&operator(), other.sid, None).await.unwrap();
    app.watcher.catch_up().await.unwrap();
    assert_eq!(refusal(app.voice(&request(&other)).await), Refusal::AccountUnknown);
}

#[tokio::test]
async fn when_everything_may_have_changed_every_copy_is_read_again() {
    let (app, main, mut sales) = TestApp::with_one_number(AppOptions::default()).await;
    let mut store = MockChangeStore::new();
    store.expect_version().returning(|| Ok(ChangeVersion::new(1)));
    store.expect_since().returning(|_| {
        Ok(Changes { version: ChangeVersion::new(1), changes: vec![Change::Everything] })
    });
    let watcher = CacheInvalidator::new(
        Arc::new(store),
        ChangeVersion::ZERO,
        Arc::clone(&app.directory),
        Arc::clone(&app.routes),
        Arc::clone(&app.agents),
    );
    let (late, unknown) = (account(2), "+14155550102");
    app.voice(&request(&main)).await.unwrap();
    let (claims, token) = session(&app, &sales, &main);
    app.open_session.open(claims.call, &token).await.unwrap();
    sales.prompt = Prompt::parse("You sell hats.").unwrap();
    app.store.agents().change(&operator(), None, &sales).await.unwrap();
    let to_unknown = Request::post(VOICE, &call(&main, CALLER, unknown)).signed_by(&main);
    assert_eq!(app.voice(&to_unknown).await.unwrap().reason, Reason::UnknownNumber);
    app.store.accounts().add(&operator(), &row(&app.keyring, &late, None)).await.unwrap();
    app.assign(NUMBER, None).await;
    app.add_number(unknown, &main, Some(&sales)).await;
    watcher.catch_up().await.unwrap();
    assert_eq!(app.voice(&request(&main)).await.unwrap().reason, Reason::Unassigned);
    let opened = app.open_session.open(claims.call, &token).await.unwrap();
    assert_eq!(opened.agent.prompt.as_str(), "You sell hats.");
    assert_eq!(app.voice(&to_unknown).await.unwrap().reason, Reason::Assigned);
    assert_eq!(refusal(app.voice(&request(&late)).await), Refusal::AccountMismatch);
}

#[tokio::test]
async fn without_a_change_one_question_is_asked() {
    let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.watcher.catch_up().await.unwrap();
    let asked = app.faults.requests();
    app.watcher.catch_up().await.unwrap();
    assert_eq!(app.faults.requests(), asked + 1);
}

#[tokio::test]
async fn changes_that_could_not_be_read_or_applied_are_applied_later() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.voice(&request(&main)).await.unwrap();
    let other = account(2);
    app.store.accounts().add(&operator(), &row(&app.keyring, &other, None)).await.unwrap();
    app.assign(NUMBER, None).await;
    app.faults.fail_every(Fault::Unavailable);
    for _ in 0..3 {
        assert!(app.watcher.catch_up().await.is_err());
    }
    app.faults.recover();
    app.watcher.catch_up().await.unwrap();
    assert_eq!(app.voice(&request(&main)).await.unwrap().reason, Reason::Unassigned);
    assert_eq!(refusal(app.voice(&request(&other)).await), Refusal::AccountMismatch);
}

#[tokio::test]
async fn a_change_is_kept_back_until_the_accounts_could_be_read_again() {
    let store = MemoryStore::new();
    let faults = Arc::new(store.separate_faults());
    let store: Arc<dyn Store> = Arc::new(store);
    let directory = switchboard_application::AccountCache::load(faults.clone(), keyring("k1", 7));
    let directory = directory.await.unwrap();
    let app = TestApp::empty().await;
    let directory = Arc::new(directory);
    let watcher = CacheInvalidator::new(
        store.clone(),
        store.changes().version().await.unwrap(),
        Arc::clone(&directory),
        Arc::clone(&app.routes),
        Arc::clone(&app.agents),
    );
    store.accounts().add(&operator(), &row(&app.keyring, &account(1), None)).await.unwrap();
    faults.fail_every(Fault::Unavailable);
    assert!(watcher.catch_up().await.is_err());
    assert!(directory.is_empty());
    faults.recover();
    watcher.catch_up().await.unwrap();
    assert_eq!(directory.len(), 1);
}

#[tokio::test]
async fn a_version_that_went_back_is_a_change_too() {
    let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
    let mut store = MockChangeStore::new();
    store.expect_version().returning(|| Ok(ChangeVersion::new(3)));
    store.expect_since().times(1).withf(|version| version.get() == 7).returning(|_| {
        Ok(Changes { version: ChangeVersion::new(3), changes: vec![Change::Everything] })
    });
    let watcher = CacheInvalidator::new(
        Arc::new(store),
        ChangeVersion::new(7),
        Arc::clone(&app.directory),
        Arc::clone(&app.routes),
        Arc::clone(&app.agents),
    );
    watcher.catch_up().await.unwrap();
    watcher.catch_up().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_watcher_goes_on_when_the_store_was_away_or_never_answered() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.voice(&request(&main)).await.unwrap();
    let app = Arc::new(app);
    let watching = Arc::clone(&app);
    let watching = tokio::spawn(async move {
        let second = Duration::from_secs(1);
        watching.watcher.run(second, second).await;
    });
    app.faults.fail_every(Fault::Unavailable);
    tokio::time::sleep(Duration::from_secs(5)).await;
    app.faults.fail_every(Fault::Hang);
    tokio::time::sleep(Duration::from_secs(60)).await;
    app.assign(NUMBER, None).await;
    app.faults.recover();
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(app.voice(&request(&main)).await.unwrap().reason, Reason::Unassigned);
    watching.abort();
}

#[tokio::test]
async fn a_failure_of_the_store_is_told() {
    let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.faults.fail_every(Fault::Unavailable);
    assert!(matches!(app.watcher.catch_up().await, Err(StoreError::Unavailable { .. })));
}

/// A change log that counts how often it is read, and tells of a change when a test says so.
#[derive(Default)]
struct ToldLog {
    version: AtomicU64,
    reads: AtomicU32,
    told: Notify,
    gap: Notify,
}

impl ToldLog {
    fn reads(&self) -> u32 {
        self.reads.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl ChangeStore for ToldLog {
    async fn version(&self) -> Result<ChangeVersion, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        Ok(ChangeVersion::new(self.version.load(Ordering::SeqCst)))
    }

    async fn since(&self, _: ChangeVersion) -> Result<Changes, StoreError> {
        let version = ChangeVersion::new(self.version.load(Ordering::SeqCst));
        Ok(Changes { version, changes: vec![Change::Everything] })
    }

    async fn recorded(&self) -> ChangeNotice {
        tokio::select! {
            () = self.told.notified() => ChangeNotice::Change,
            () = self.gap.notified() => ChangeNotice::Gap,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_tells_of_changes_is_polled_less_often_until_it_missed_one() {
    let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
    let log = Arc::new(ToldLog::default());
    let watcher = CacheInvalidator::new(
        log.clone(),
        ChangeVersion::ZERO,
        Arc::clone(&app.directory),
        Arc::clone(&app.routes),
        Arc::clone(&app.agents),
    );
    let (often, seldom) = (Duration::from_millis(100), Duration::from_secs(1));
    let watching = tokio::spawn(async move { watcher.run(often, seldom).await });
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(log.reads(), 10, "nobody has told of anything yet");
    log.version.store(1, Ordering::SeqCst);
    log.told.notify_one();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(log.reads(), 1, "the change is read at once");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(log.reads(), 10, "it tells of changes");
    log.version.store(2, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(3_050)).await;
    let reads = log.reads();
    assert!((20..=31).contains(&reads), "{reads} reads after a change that it did not tell of");
    log.told.notify_one();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(log.reads() <= 4, "it tells of changes again");
    log.gap.notify_one();
    tokio::time::sleep(Duration::from_millis(3_050)).await;
    let reads = log.reads();
    assert!((28..=31).contains(&reads), "{reads} reads after it could not tell of changes");
    // Many notifications in a row are not read one by one.
    for _ in 0..100 {
        log.told.notify_one();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let reads = log.reads();
    assert!((8..=11).contains(&reads), "{reads} reads of 100 notifications in half a second");
    watching.abort();
}
