//! Agents whose chat models reply.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use switchboard_application_delivery::ChatKeyError;
use switchboard_application_management::fixtures::{clock, sid};
use switchboard_domain::address::Address;
use switchboard_domain::agent::MessageTarget;
use switchboard_domain::call::CallRecord;
use switchboard_domain::delivery::{AttemptOutcome, DeliveryState};
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{
    CallStore as _, ChatAnswer, ChatClient, ChatModelStore as _, ChatRequest, Clock as _,
    EndpointError, Reservation,
};
use switchboard_domain::sealing::{AssociatedData, Sealed, SecretVersion};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::CallSid;
use switchboard_domain::time::UtcDay;
use switchboard_domain::web_address::WebUrl;
use switchboard_store_memory::operator;

use crate::fixture::{Fixture, OURS, address_of};

/// A chat model that a test scripts. Without a script, it repeats the last text and uses 10 tokens.
#[derive(Default)]
pub(crate) struct ScriptedModel {
    asked: Mutex<Vec<ChatRequest>>,
    script: Mutex<VecDeque<Result<ChatAnswer, EndpointError>>>,
}

impl ScriptedModel {
    fn script(&self, next: Result<ChatAnswer, EndpointError>) {
        self.script.lock().unwrap().push_back(next);
    }

    fn asked(&self) -> Vec<ChatRequest> {
        self.asked.lock().unwrap().clone()
    }

    /// The roles and texts of each request.
    fn read(&self) -> Vec<Vec<(&'static str, String)>> {
        let messages = |request: ChatRequest| {
            let messages = request.messages.into_iter();
            messages.map(|message| (message.role.as_str(), message.text)).collect()
        };
        self.asked().into_iter().map(messages).collect()
    }
}

#[async_trait]
impl ChatClient for ScriptedModel {
    async fn complete(&self, request: &ChatRequest) -> Result<ChatAnswer, EndpointError> {
        self.asked.lock().unwrap().push(request.clone());
        let last = request.messages.last().unwrap().text.clone();
        let scripted = self.script.lock().unwrap().pop_front();
        scripted.unwrap_or_else(|| Ok(answer(&format!("re: {last}"), Some(10))))
    }
}

fn answer(text: &str, completion_tokens: Option<u32>) -> ChatAnswer {
    ChatAnswer { text: Ok(text.to_owned()), completion_tokens }
}

fn status(status: u16) -> Result<ChatAnswer, EndpointError> {
    Err(EndpointError::Status { status, retry_after: None })
}

#[tokio::test(start_paused = true)]
async fn a_model_reads_both_sides_of_the_conversation_and_replies() {
    let fixture = Fixture::new().await;
    let url = WebUrl::parse("https://models.example.com/v1").unwrap();
    let key = Secret::new("sk-1".to_owned());
    fixture.keys.set(&operator(), &fixture.chat_agent.id, &url, &key).await.unwrap();
    for (n, text) in [(1, "one"), (2, "two")] {
        fixture.receive_for_chat_agent(n, text).await;
        fixture.until_sent(n as usize).await;
        fixture.idle().await;
    }
    assert_eq!(fixture.sent(), ["re: one", "re: two"]);
    let asked = fixture.model.asked();
    assert_eq!(asked[0].key.as_ref().unwrap().expose(), "sk-1");
    assert_eq!(asked[0].model.model.as_str(), "small");
    let read = fixture.model.read();
    let turn = |role, text: &str| (role, text.to_owned());
    assert_eq!(read[0], [turn("system", "Be brief."), turn("user", "one")]);
    let expected =
        ["Be brief.", "one", "re: one", "two"].iter().zip(["system", "user", "assistant", "user"]);
    assert_eq!(read[1], expected.map(|(text, role)| turn(role, text)).collect::<Vec<_>>());
}

/// A call of the only contact, so many seconds after the time at which the clock stands still.
async fn called(fixture: &Fixture, n: u32, late: i64) {
    let call = CallSid::parse(&format!("CA{n:032x}")).unwrap();
    let record = CallRecord {
        from: Some(address_of(1)),
        to: Some(Address::parse(OURS).unwrap()),
        ..CallRecord::of(sid('a'), default_organization(), call, clock().now().plus_seconds(late))
    };
    fixture.store.record(&[record]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_model_reads_of_calls_before_the_message() {
    let fixture = Fixture::new().await;
    called(&fixture, 1, -200).await;
    called(&fixture, 2, 200).await;
    fixture.receive_for_chat_agent(3, "one").await;
    fixture.until_sent(1).await;
    let read = fixture.model.read();
    let turn = |role, text: &str| (role, text.to_owned());
    assert_eq!(read[0], [turn("system", "Be brief."), turn("user", "[phone call]\none")]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_attempted_again_is_answered_without_later_ones() {
    let fixture = Fixture::new().await;
    fixture.model.script(status(429));
    for (n, text) in [(1, "one"), (2, "two")] {
        fixture.receive_for_chat_agent(n, text).await;
        fixture.idle().await;
    }
    fixture.store.advance(Duration::from_secs(60));
    fixture.until_sent(2).await;
    assert_eq!(fixture.sent(), ["re: one", "re: two"]);
    let texts =
        |read: &[(&'static str, String)]| read.iter().map(|(_, text)| text.clone()).collect();
    let read: Vec<Vec<String>> = fixture.model.read().iter().map(|read| texts(read)).collect();
    assert_eq!(read[..2], [["Be brief.", "one"], ["Be brief.", "one"]]);
    assert_eq!(read[2], ["Be brief.", "one", "re: one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_and_a_wrong_request_end_the_delivery_and_an_overload_does_not() {
    let fixture = Fixture::new().await;
    for code in [401, 404] {
        fixture.model.script(status(code));
    }
    fixture
        .model
        .script(Ok(ChatAnswer { text: Err("has an empty text"), completion_tokens: Some(0) }));
    fixture.model.script(status(429));
    for n in 1..=4 {
        fixture.receive_for_chat_agent(n, "hello").await;
        fixture.idle().await;
    }
    let outcomes = fixture.received_outcomes().await;
    let dead = |outcome| (DeliveryState::Dead, outcome);
    assert_eq!(outcomes[0], dead(AttemptOutcome::KeyRefused));
    assert_eq!(outcomes[1], dead(AttemptOutcome::BadStatus));
    assert_eq!(outcomes[2], dead(AttemptOutcome::InvalidResponse));
    assert_eq!(outcomes[3], (DeliveryState::Pending, AttemptOutcome::RateLimited));
    fixture.store.advance(Duration::from_secs(60));
    fixture.until_sent(1).await;
}

#[tokio::test(start_paused = true)]
async fn the_daily_limit_of_tokens_ends_deliveries_before_the_model_is_asked() {
    let fixture = Fixture::new().await;
    for _ in 0..2 {
        fixture.model.script(Ok(answer("long", Some(125))));
    }
    for n in 1..=3 {
        fixture.receive_for_chat_agent(n, "hello").await;
        fixture.idle().await;
    }
    assert_eq!(fixture.model.asked().len(), 2);
    let outcomes = fixture.received_outcomes().await;
    assert_eq!(outcomes[2], (DeliveryState::Dead, AttemptOutcome::LimitReached));
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_uses_no_tokens_and_one_without_an_answer_all_of_a_reply() {
    let fixture = Fixture::new().await;
    fixture.model.script(status(503));
    fixture.model.script(Err(EndpointError::Unreachable { source: "connection refused".into() }));
    fixture.model.script(Err(EndpointError::TimedOut));
    fixture.model.script(Ok(answer("no usage", None)));
    fixture.receive_for_chat_agent(1, "hello").await;
    for _ in 0..4 {
        fixture.idle().await;
        fixture.store.advance(Duration::from_secs(600));
    }
    fixture.until_sent(1).await;
    // 0, 0, 100 and 100 of 250 are used.
    let reserve =
        |tokens| fixture.store.reserve(&fixture.chat_agent.id, UtcDay::default(), tokens, 250);
    assert_eq!(reserve(50).await.unwrap(), Reservation::Reserved);
    assert_eq!(reserve(1).await.unwrap(), Reservation::Busy);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_never_sent_to_another_url() {
    let fixture = Fixture::new().await;
    let (agent, keys) = (&fixture.chat_agent, &fixture.keys);
    let elsewhere = WebUrl::parse("https://elsewhere.example.com/v1").unwrap();
    let key = Secret::new("sk-1".to_owned());
    let refused = keys.set(&operator(), &agent.id, &elsewhere, &key).await;
    assert!(matches!(refused, Err(ChatKeyError::Elsewhere)));
    // Even if the stored agent gets another URL together with its key, as from a backup.
    let row = format!("{} {}", agent.id, elsewhere.as_str());
    let place = AssociatedData { table: "chat_keys", column: "sealed", key: &row };
    let sealed = keys.keyring.seal(&place, SecretVersion::FIRST, &key, [7; 12]).unwrap();
    let target = agent.profile.message_target.as_ref();
    let url = MessageTarget::chat_url(target).unwrap();
    fixture.store.set_key(&operator(), &agent.id, url, sealed).await.unwrap();
    fixture.receive_for_chat_agent(1, "hello").await;
    fixture.idle().await;
    assert_eq!(fixture.model.asked().len(), 0);
    let expected = (DeliveryState::Pending, AttemptOutcome::NoTarget);
    assert_eq!(fixture.received_outcomes().await, [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_key_that_is_put_back_is_not_sent() {
    let fixture = Fixture::new().await;
    let target = fixture.chat_agent.profile.message_target.as_ref().unwrap();
    let url = &target.chat_model().unwrap().url;
    let mut held = Vec::new();
    for key in ["sk-1", "sk-2"] {
        let key = Secret::new(key.to_owned());
        fixture.keys.set(&operator(), &fixture.chat_agent.id, url, &key).await.unwrap();
        let stored = fixture.store.key(&operator(), &fixture.chat_agent.id).await.unwrap();
        held.push(stored.unwrap());
    }
    let put_back = Sealed::of_version(held[0].as_bytes().to_vec(), held[1].version());
    fixture.receive_for_chat_agent(1, "hello").await;
    for (sealed, asked) in [(put_back, 0), (held[1].clone(), 1)] {
        fixture.store.set_key(&operator(), &fixture.chat_agent.id, url, sealed).await.unwrap();
        fixture.idle().await;
        assert_eq!(fixture.model.asked().len(), asked);
        fixture.store.advance(Duration::from_secs(600));
    }
}
