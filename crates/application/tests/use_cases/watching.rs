//! What another process changed shows here.

use std::sync::Arc;
use std::time::Duration;

use switchboard_application::CacheInvalidator;
use switchboard_domain::agent::{Agent, AgentState, Prompt};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Change, Changes, MockChangeStore, StoreError};
use switchboard_domain::rejection::Refusal;
use switchboard_domain::routing::Reason;
use switchboard_domain::session::SessionClaims;
use switchboard_domain::sid::CallSid;

use crate::requests::{CALL, CALLER, Request, VOICE, call};
use crate::rig::{NOW, NUMBER, Plan, Rig, TestAccount, account, agent, keyring, refusal, row};

fn request(account: &TestAccount) -> Request {
    Request::post(VOICE, &call(account, CALLER, NUMBER)).signed_by(account)
}

/// What a voice server is given for a call of the agent.
fn session(rig: &Rig, agent: &Agent, account: &TestAccount) -> (SessionClaims, String) {
    let claims = SessionClaims {
        call: CallSid::parse(CALL).unwrap(),
        agent: agent.id.clone(),
        account: account.sid,
        issued_at: NOW,
        expires_at: NOW.plus_seconds(600),
    };
    let token = rig.sessions.mint(&claims);
    (claims, token)
}

#[tokio::test]
async fn a_change_of_a_number_is_answered_after_catching_up() {
    let (rig, main, _) = Rig::with_one_number(Plan::default()).await;
    let other = agent(2, "Other");
    rig.add_agent(&other).await;
    rig.voice(&request(&main)).await.unwrap();
    rig.assign(NUMBER, Some(&other)).await;
    rig.watcher.catch_up().await.unwrap();
    assert_eq!(rig.voice(&request(&main)).await.unwrap().agent, Some(other.id));
}

#[tokio::test]
async fn a_number_that_was_unknown_is_answered_after_catching_up() {
    let rig = Rig::empty().await;
    let main = account(1);
    rig.add_account(&main).await;
    assert_eq!(rig.voice(&request(&main)).await.unwrap().reason, Reason::UnknownNumber);
    rig.add_number(NUMBER, &main, None).await;
    rig.watcher.catch_up().await.unwrap();
    assert_eq!(rig.voice(&request(&main)).await.unwrap().reason, Reason::Unassigned);
}

#[tokio::test]
async fn a_change_of_an_agent_shows_in_calls_and_in_sessions_after_catching_up() {
    let (rig, main, mut sales) = Rig::with_one_number(Plan::default()).await;
    let (claims, token) = session(&rig, &sales, &main);
    rig.voice(&request(&main)).await.unwrap();
    rig.open_session.open(claims.call, &token).await.unwrap();
    sales.profile.state = AgentState::Disabled;
    sales.prompt = Prompt::parse("You rest.").unwrap();
    rig.stores.agents.change(&Scope::Operator, &sales).await.unwrap();
    rig.watcher.catch_up().await.unwrap();
    assert_eq!(rig.voice(&request(&main)).await.unwrap().reason, Reason::AgentDisabled);
    let opened = rig.open_session.open(claims.call, &token).await.unwrap();
    assert_eq!(opened.agent.prompt.as_str(), "You rest.");
}

#[tokio::test]
async fn an_account_that_was_added_or_removed_is_known_or_refused_after_catching_up() {
    let (rig, _, _) = Rig::with_one_number(Plan::default()).await;
    let other = account(2);
    assert_eq!(refusal(rig.voice(&request(&other)).await), Refusal::AccountUnknown);
    rig.stores.accounts.add(&Scope::Operator, &row(&rig.keyring, &other, None)).await.unwrap();
    rig.watcher.catch_up().await.unwrap();
    assert_eq!(refusal(rig.voice(&request(&other)).await), Refusal::AccountMismatch);
    rig.stores.accounts.remove(&Scope::Operator, other.sid).await.unwrap();
    rig.watcher.catch_up().await.unwrap();
    assert_eq!(refusal(rig.voice(&request(&other)).await), Refusal::AccountUnknown);
}

#[tokio::test]
async fn when_everything_may_have_changed_every_copy_is_read_again() {
    let (rig, main, mut sales) = Rig::with_one_number(Plan::default()).await;
    let mut store = MockChangeStore::new();
    store.expect_version().returning(|| Ok(1));
    store
        .expect_since()
        .returning(|_| Ok(Changes { version: 1, changes: vec![Change::Everything] }));
    let watcher = CacheInvalidator::new(
        Arc::new(store),
        0,
        Arc::clone(&rig.directory),
        Arc::clone(&rig.routes),
        Arc::clone(&rig.agents),
    );
    let (late, unknown) = (account(2), "+14155550102");
    rig.voice(&request(&main)).await.unwrap();
    let (claims, token) = session(&rig, &sales, &main);
    rig.open_session.open(claims.call, &token).await.unwrap();
    sales.prompt = Prompt::parse("You sell hats.").unwrap();
    rig.stores.agents.change(&Scope::Operator, &sales).await.unwrap();
    let to_unknown = Request::post(VOICE, &call(&main, CALLER, unknown)).signed_by(&main);
    assert_eq!(rig.voice(&to_unknown).await.unwrap().reason, Reason::UnknownNumber);
    rig.stores.accounts.add(&Scope::Operator, &row(&rig.keyring, &late, None)).await.unwrap();
    rig.assign(NUMBER, None).await;
    rig.add_number(unknown, &main, Some(&sales)).await;
    watcher.catch_up().await.unwrap();
    assert_eq!(rig.voice(&request(&main)).await.unwrap().reason, Reason::Unassigned);
    let opened = rig.open_session.open(claims.call, &token).await.unwrap();
    assert_eq!(opened.agent.prompt.as_str(), "You sell hats.");
    assert_eq!(rig.voice(&to_unknown).await.unwrap().reason, Reason::Assigned);
    assert_eq!(refusal(rig.voice(&request(&late)).await), Refusal::AccountMismatch);
}

#[tokio::test]
async fn without_a_change_one_question_is_asked() {
    let (rig, _, _) = Rig::with_one_number(Plan::default()).await;
    rig.watcher.catch_up().await.unwrap();
    let asked = rig.gate.asked();
    rig.watcher.catch_up().await.unwrap();
    assert_eq!(rig.gate.asked(), asked + 1);
}

#[tokio::test]
async fn changes_that_could_not_be_read_or_applied_are_applied_later() {
    let (rig, main, _) = Rig::with_one_number(Plan::default()).await;
    rig.voice(&request(&main)).await.unwrap();
    let other = account(2);
    rig.stores.accounts.add(&Scope::Operator, &row(&rig.keyring, &other, None)).await.unwrap();
    rig.assign(NUMBER, None).await;
    rig.gate.away();
    for _ in 0..3 {
        assert!(rig.watcher.catch_up().await.is_err());
    }
    rig.gate.open();
    rig.watcher.catch_up().await.unwrap();
    assert_eq!(rig.voice(&request(&main)).await.unwrap().reason, Reason::Unassigned);
    assert_eq!(refusal(rig.voice(&request(&other)).await), Refusal::AccountMismatch);
}

#[tokio::test]
async fn a_change_is_kept_back_until_the_accounts_could_be_read_again() {
    let stores = crate::stores::Stores::empty();
    let gate = Arc::new(crate::stores::Gate::default());
    let accounts = stores.behind(&gate).accounts;
    let directory =
        switchboard_application::AccountCache::load(accounts, keyring("k1", 7)).await.unwrap();
    let rig = Rig::empty().await;
    let directory = Arc::new(directory);
    let watcher = CacheInvalidator::new(
        Arc::clone(&stores.changes),
        stores.changes.version().await.unwrap(),
        Arc::clone(&directory),
        Arc::clone(&rig.routes),
        Arc::clone(&rig.agents),
    );
    stores.accounts.add(&Scope::Operator, &row(&rig.keyring, &account(1), None)).await.unwrap();
    gate.away();
    assert!(watcher.catch_up().await.is_err());
    assert!(directory.is_empty());
    gate.open();
    watcher.catch_up().await.unwrap();
    assert_eq!(directory.len(), 1);
}

#[tokio::test]
async fn a_version_that_went_back_is_a_change_too() {
    let (rig, _, _) = Rig::with_one_number(Plan::default()).await;
    let mut store = MockChangeStore::new();
    store.expect_version().returning(|| Ok(3));
    store
        .expect_since()
        .times(1)
        .withf(|version| *version == 7)
        .returning(|_| Ok(Changes { version: 3, changes: vec![Change::Everything] }));
    let watcher = CacheInvalidator::new(
        Arc::new(store),
        7,
        Arc::clone(&rig.directory),
        Arc::clone(&rig.routes),
        Arc::clone(&rig.agents),
    );
    watcher.catch_up().await.unwrap();
    watcher.catch_up().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_watcher_goes_on_when_the_store_was_away_or_never_answered() {
    let (rig, main, _) = Rig::with_one_number(Plan::default()).await;
    rig.voice(&request(&main)).await.unwrap();
    let rig = Arc::new(rig);
    let watching = Arc::clone(&rig);
    let watching = tokio::spawn(async move { watching.watcher.run(Duration::from_secs(1)).await });
    rig.gate.away();
    tokio::time::sleep(Duration::from_secs(5)).await;
    rig.gate.hanging();
    tokio::time::sleep(Duration::from_secs(60)).await;
    rig.assign(NUMBER, None).await;
    rig.gate.open();
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(rig.voice(&request(&main)).await.unwrap().reason, Reason::Unassigned);
    watching.abort();
}

#[tokio::test]
async fn a_failure_of_the_store_is_told() {
    let (rig, _, _) = Rig::with_one_number(Plan::default()).await;
    rig.gate.away();
    assert!(matches!(rig.watcher.catch_up().await, Err(StoreError::Unavailable { .. })));
}
