//! A voice server reads the configuration of its agent.

use std::sync::{Arc, OnceLock};

use switchboard_application::{AgentCache, Deadlines, OpenSession, SessionRefused};
use switchboard_domain::agent::{Agent, Prompt};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::MockAgentStore;
use switchboard_domain::session::{SessionClaims, SessionError};
use switchboard_domain::sid::CallSid;

use crate::requests::{CALL, CALLER, Request, VOICE, call};
use crate::rig::{NOW, NUMBER, Plan, Rig, account, agent, keyring};

fn this_call() -> CallSid {
    CallSid::parse(CALL).unwrap()
}

fn claims(index: u8) -> SessionClaims {
    SessionClaims {
        call: this_call(),
        agent: agent(index, "Any").id,
        account: account(1).sid,
        issued_at: NOW,
        expires_at: NOW.plus_seconds(600),
    }
}

#[tokio::test]
async fn a_token_opens_its_own_call_until_it_ends_and_no_other_call() {
    let (rig, _, sales) = Rig::with_one_number(Plan::default()).await;
    let token = rig.sessions.mint(&claims(1));
    let opened = rig.open_session.open(this_call(), &token).await.unwrap();
    assert_eq!((opened.agent.id.clone(), opened.claims), (sales.id, claims(1)));
    let other = CallSid::parse("CA00000000000000000000000000000000").unwrap();
    assert!(matches!(rig.open_session.open(other, &token).await, Err(SessionRefused::OtherCall)));
    rig.clock.pass_seconds(600);
    let late = rig.open_session.open(this_call(), &token).await;
    assert!(matches!(late, Err(SessionRefused::Token(SessionError::Expired))));
}

#[tokio::test]
async fn a_token_of_another_installation_is_refused_before_any_store_is_asked() {
    let (rig, _, _) = Rig::with_one_number(Plan::default()).await;
    let asked = rig.gate.asked();
    let foreign = keyring("k1", 8).session_keys().mint(&claims(1));
    for token in ["", "a.b.c", &foreign] {
        assert!(matches!(
            rig.open_session.open(this_call(), token).await,
            Err(SessionRefused::Token(_))
        ));
    }
    assert_eq!(rig.gate.asked(), asked);
}

#[tokio::test]
async fn an_agent_that_is_gone_is_told_apart_from_a_store_that_is_away() {
    let (rig, _, _) = Rig::with_one_number(Plan::default()).await;
    let gone = rig.sessions.mint(&claims(9));
    assert!(matches!(
        rig.open_session.open(this_call(), &gone).await,
        Err(SessionRefused::AgentRemoved)
    ));
    rig.gate.away();
    assert!(matches!(
        rig.open_session.open(this_call(), &gone).await,
        Err(SessionRefused::Store(_))
    ));
}

#[tokio::test]
async fn the_agent_of_an_answered_call_is_read_ahead_so_that_its_session_opens_without_the_store() {
    let (rig, main, _) = Rig::with_one_number(Plan::default()).await;
    rig.voice(&Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main)).await.unwrap();
    let reading = Arc::clone(&rig.agents);
    let reading = tokio::spawn(async move { reading.run().await });
    let before = rig.gate.asked();
    while rig.gate.asked() == before {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    rig.gate.away();
    let token = rig.sessions.mint(&claims(1));
    assert!(rig.open_session.open(this_call(), &token).await.is_ok());
    reading.abort();
}

#[tokio::test]
async fn a_change_of_the_agent_shows_at_the_next_question() {
    let (rig, _, sales) = Rig::with_one_number(Plan::default()).await;
    let token = rig.sessions.mint(&claims(1));
    rig.open_session.open(this_call(), &token).await.unwrap();
    let mut changed = sales.clone();
    for (prompt, everything) in [("You sell hats.", false), ("You sell coats.", true)] {
        changed.prompt = Prompt::parse(prompt).unwrap();
        rig.stores.agents.change(&Scope::Operator, &changed).await.unwrap();
        if everything {
            rig.agents.forget_all();
        } else {
            rig.agents.forget(&sales.id);
        }
        let opened = rig.open_session.open(this_call(), &token).await.unwrap();
        assert_eq!(opened.agent.prompt.as_str(), prompt);
    }
}

#[tokio::test]
async fn a_change_while_the_agent_is_being_read_is_not_lost() {
    let changes: [fn(&AgentCache); 2] =
        [|cache| cache.forget(&claims(1).agent), AgentCache::forget_all];
    for change in changes {
        let cache = Arc::new(OnceLock::<Arc<AgentCache>>::new());
        let mut store = MockAgentStore::new();
        let inside = Arc::clone(&cache);
        let mut prompts = ["new", "old"].map(|prompt| Prompt::parse(prompt).unwrap()).to_vec();
        store.expect_find().times(2).returning(move |_, _| {
            let read = Agent { prompt: prompts.pop().unwrap(), ..agent(1, "Sales") };
            change(inside.get().unwrap());
            Ok(Some(read))
        });
        let cache =
            cache.get_or_init(|| Arc::new(AgentCache::new(Arc::new(store), Deadlines::default())));
        let rig = Rig::empty().await;
        let session =
            OpenSession::new(Arc::clone(&rig.sessions), Arc::clone(cache), rig.clock.clone());
        let token = rig.sessions.mint(&claims(1));
        session.open(this_call(), &token).await.unwrap();
        let opened = session.open(this_call(), &token).await.unwrap();
        assert_eq!(opened.agent.prompt.as_str(), "new");
    }
}

#[tokio::test]
async fn fifty_questions_for_one_agent_at_once_are_one_read() {
    let mut store = MockAgentStore::new();
    store.expect_find().times(1).returning(|_, _| Ok(Some(agent(1, "Sales"))));
    let rig = Rig::empty().await;
    let cache = Arc::new(AgentCache::new(Arc::new(store), Deadlines::default()));
    let session = Arc::new(OpenSession::new(Arc::clone(&rig.sessions), cache, rig.clock.clone()));
    let token = rig.sessions.mint(&claims(1));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (session, token) = (Arc::clone(&session), token.clone());
        asking.spawn(async move { session.open(this_call(), &token).await.is_ok() });
    }
    assert!(asking.join_all().await.into_iter().all(|opened| opened));
}
