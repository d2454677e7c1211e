//! A voice server reads the configuration of its agent.

use std::sync::OnceLock;

use crate::prelude::*;
use switchboard_application::SessionStores;
use switchboard_domain::ports::MockAgentStore;
use switchboard_domain::session::SessionError;
use switchboard_plan_document::PlanDocuments;

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

fn session(app: &TestApp, agents: Arc<AgentCache>) -> OpenSession {
    let store = app.store.clone();
    let sessions = Arc::clone(&app.sessions);
    let stores = SessionStores {
        agents,
        calls: store.clone(),
        recorder: Arc::clone(&app.recorder),
        messages: store.clone(),
        conversations: store.clone(),
        contacts: store.clone(),
        deliveries: store.clone(),
        plans: store,
        codec: Arc::new(PlanDocuments),
    };
    OpenSession::new(sessions, stores, Deadlines::default(), app.clock.clone())
}

#[tokio::test]
async fn a_token_ends_with_its_call_and_a_replayed_request_gets_no_other() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    let request = Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main);
    let first = app.voice(&request).await.unwrap().twiml;
    let token = app.sessions.mint(&claims(1));
    app.open_session.open(this_call(), &token).await.unwrap();
    let completed = with(call(&main, CALLER, NUMBER), "CallStatus", "completed");
    app.status(&Request::post(STATUS, &completed).signed_by(&main)).await.unwrap();
    app.recorder.drain().await.unwrap();
    let late = app.open_session.open(this_call(), &token).await;
    assert!(matches!(late, Err(SessionRefused::CallEnded)));
    let again = app.voice(&request).await.unwrap().twiml;
    assert!(first.as_str().contains(r#"name="sessionToken" value="e"#), "{}", first.as_str());
    assert!(again.as_str().contains(r#"name="sessionToken" value="""#), "{}", again.as_str());
}

#[tokio::test]
async fn a_token_opens_its_own_call_until_it_ends_and_no_other_call() {
    let (app, _, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let token = app.sessions.mint(&claims(1));
    let opened = app.open_session.open(this_call(), &token).await.unwrap();
    assert_eq!((opened.agent.id.clone(), opened.claims), (sales.id, claims(1)));
    let other = CallSid::parse("CA00000000000000000000000000000000").unwrap();
    assert!(matches!(app.open_session.open(other, &token).await, Err(SessionRefused::OtherCall)));
    app.clock.pass_seconds(600);
    let late = app.open_session.open(this_call(), &token).await;
    assert!(matches!(late, Err(SessionRefused::Token(SessionError::Expired))));
}

#[tokio::test]
async fn a_token_of_another_installation_is_refused_before_any_store_is_asked() {
    let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
    let asked = app.faults.requests();
    let foreign = keyring("k1", 8).session_keys().mint(&claims(1));
    for token in ["", "a.b.c", &foreign] {
        assert!(matches!(
            app.open_session.open(this_call(), token).await,
            Err(SessionRefused::Token(_))
        ));
    }
    assert_eq!(app.faults.requests(), asked);
}

#[tokio::test]
async fn a_removed_agent_and_an_unavailable_store_give_different_errors() {
    let (app, _, _) = TestApp::with_one_number(AppOptions::default()).await;
    let gone = app.sessions.mint(&claims(9));
    assert!(matches!(
        app.open_session.open(this_call(), &gone).await,
        Err(SessionRefused::AgentRemoved)
    ));
    app.faults.fail_every(Fault::Unavailable);
    assert!(matches!(
        app.open_session.open(this_call(), &gone).await,
        Err(SessionRefused::Store(_))
    ));
}

#[tokio::test]
async fn the_agent_of_an_answered_call_is_read_ahead_so_that_its_session_opens_without_the_store() {
    let (app, main, _) = TestApp::with_one_number(AppOptions::default()).await;
    app.voice(&Request::post(VOICE, &call(&main, CALLER, NUMBER)).signed_by(&main)).await.unwrap();
    let reading = Arc::clone(&app.agents);
    let reading = tokio::spawn(async move { reading.run().await });
    let before = app.faults.requests();
    while app.faults.requests() == before {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    app.faults.fail_every(Fault::Unavailable);
    let token = app.sessions.mint(&claims(1));
    assert!(app.open_session.open(this_call(), &token).await.is_ok());
    reading.abort();
}

#[tokio::test]
async fn a_change_of_the_agent_shows_at_the_next_question() {
    let (app, _, sales) = TestApp::with_one_number(AppOptions::default()).await;
    let token = app.sessions.mint(&claims(1));
    app.open_session.open(this_call(), &token).await.unwrap();
    let mut changed = sales.clone();
    for (prompt, everything) in [("You sell hats.", false), ("You sell coats.", true)] {
        changed.prompt = Prompt::parse(prompt).unwrap();
        app.store.agents().change(&operator(), None, &changed).await.unwrap();
        if everything {
            app.agents.forget_all();
        } else {
            app.agents.forget(&sales.id);
        }
        let opened = app.open_session.open(this_call(), &token).await.unwrap();
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
        let app = TestApp::empty().await;
        let session = session(&app, Arc::clone(cache));
        let token = app.sessions.mint(&claims(1));
        session.open(this_call(), &token).await.unwrap();
        let opened = session.open(this_call(), &token).await.unwrap();
        assert_eq!(opened.agent.prompt.as_str(), "new");
    }
}

#[tokio::test]
async fn fifty_concurrent_lookups_of_one_agent_cause_one_read() {
    let mut store = MockAgentStore::new();
    store.expect_find().times(1).returning(|_, _| Ok(Some(agent(1, "Sales"))));
    let app = TestApp::empty().await;
    let cache = Arc::new(AgentCache::new(Arc::new(store), Deadlines::default()));
    let session = Arc::new(session(&app, cache));
    let token = app.sessions.mint(&claims(1));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (session, token) = (Arc::clone(&session), token.clone());
        asking.spawn(async move { session.open(this_call(), &token).await.is_ok() });
    }
    assert!(asking.join_all().await.into_iter().all(|opened| opened));
}
