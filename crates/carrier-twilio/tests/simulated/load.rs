//! The behavior of the adapter when Twilio is busy, slow or failing.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use switchboard_contract::carrier::{Holding, Inventory};
use switchboard_domain::address::Address;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, OutgoingMessage, ParentToken};
use switchboard_domain::configuration::{Configuration, Field};
use switchboard_domain::message::Body;
use switchboard_domain::ports::carrier::{ComposeMessage, MessageCarrier, NumberCarrier};
use switchboard_domain::secret::Secret;
use switchboard_twilio_simulator::{Conditions, Fault, FaultKind};
use tokio::task::JoinSet;

use crate::fixture::Fixture;

fn fixture() -> (Fixture, [Holding; 2]) {
    let inventory = Inventory::sample();
    (Fixture::holding(&inventory), [inventory.holdings[0].clone(), inventory.holdings[1].clone()])
}

fn fault(method: &str, times: u32, does: FaultKind) -> Fault {
    Fault {
        method: Some(method.to_owned()),
        path: "*".to_owned(),
        after: 0,
        times: Some(times),
        does,
    }
}

fn urls() -> Configuration {
    Configuration::new().with(Field::VoiceUrl, "https://example.com/new")
}

fn hello(owner: &Holding) -> OutgoingMessage {
    let to = Address::parse("+14155559999");
    OutgoingMessage {
        to: to.unwrap_or_else(|error| panic!("{error}")),
        from: owner.numbers[0].sender.address(),
        service: None,
        template: None,
        body: Body::new("hello"),
        media: Vec::new(),
        status_callback: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_concurrency_limit_of_an_account_holds_for_all_clones() {
    let (fixture, owners) = fixture();
    fixture.company.set_conditions(Conditions { latency_ms: 20, max_concurrent_requests: Some(3) });
    let mut tasks = JoinSet::new();
    for owner in &owners {
        for number in owner.numbers.iter().take(3).cycle().take(15) {
            let (carrier, access, number) =
                (fixture.carrier.clone(), owner.access(), number.sender);
            tasks.spawn(async move { carrier.find(&access, number).await });
        }
    }
    for found in tasks.join_all().await {
        assert!(found.unwrap().is_some());
    }
    for owner in owners {
        assert_eq!(fixture.company.peak_concurrency(owner.account.sid), 3);
    }
}

#[tokio::test]
async fn a_write_that_may_have_been_carried_out_is_not_retried() {
    let carried_out = FaultKind::ServerError { status: 503, carried_out: true };
    for does in [FaultKind::CutOff, carried_out] {
        let (fixture, [main, _]) = fixture();
        fixture.company.inject_fault(fault("POST", 1, does));
        let message = hello(&main);
        let error = fixture.carrier.create(&main.access(), &message).await.unwrap_err();
        assert!(matches!(error, CarrierError::Unavailable { .. }), "{error:?}");
        assert!(error.source().is_some());
        assert_eq!(fixture.company.messages(main.account.sid).len(), 1);
        assert_eq!(fixture.company.writes().len(), 1);
    }
}

/// The concurrent requests of an account that the fixture allows.
const PERMITS: usize = 3;

/// A message that may be sent so many times. It tells how often it was composed.
struct MaySend {
    message: OutgoingMessage,
    times: usize,
    composed: AtomicUsize,
}

#[async_trait]
impl ComposeMessage for MaySend {
    async fn compose(&self) -> Option<OutgoingMessage> {
        let earlier = self.composed.fetch_add(1, Ordering::Relaxed);
        (earlier < self.times).then(|| self.message.clone())
    }
}

/// A contact can opt out during the backoff.
#[tokio::test]
async fn a_message_is_composed_before_each_attempt() {
    for (times, sent) in [(1, 0), (2, 1)] {
        let (fixture, [main, _]) = fixture();
        let turned_away = FaultKind::TooManyRequests { retry_after: None };
        fixture.company.inject_fault(fault("POST", 1, turned_away));
        let message = MaySend { message: hello(&main), times, composed: AtomicUsize::new(0) };
        let created = fixture.carrier.create(&main.access(), &message).await.unwrap();
        assert_eq!(created.is_some(), sent == 1);
        assert_eq!(message.composed.into_inner(), 2);
        assert_eq!(fixture.company.messages(main.account.sid).len(), sent);
    }
}

/// A contact can opt out while other requests of the account have all permits.
#[tokio::test]
async fn a_message_is_composed_after_the_wait_for_a_permit() {
    let (fixture, [main, _]) = fixture();
    fixture.company.set_conditions(Conditions { latency_ms: 200, max_concurrent_requests: None });
    let mut reads = JoinSet::new();
    for number in main.numbers.iter().cycle().take(PERMITS) {
        let (carrier, access, number) = (fixture.carrier.clone(), main.access(), number.sender);
        reads.spawn(async move { carrier.find(&access, number).await });
    }
    while fixture.company.peak_concurrency(main.account.sid) < PERMITS {
        tokio::task::yield_now().await;
    }
    let message = MaySend { message: hello(&main), times: 1, composed: AtomicUsize::new(0) };
    let access = main.access();
    let create = fixture.carrier.create(&access, &message);
    let first = async {
        reads.join_next().await.unwrap().unwrap().unwrap();
        message.composed.load(Ordering::Relaxed)
    };
    let (before, created) = tokio::join!(biased; first, create);
    assert_eq!((before, created.unwrap().is_some()), (0, true));
}

#[tokio::test]
async fn a_read_is_retried() {
    let failed = FaultKind::ServerError { status: 500, carried_out: false };
    for does in [FaultKind::CutOff, failed, FaultKind::TooManyRequests { retry_after: None }] {
        let (fixture, [_, sub]) = fixture();
        fixture.company.inject_fault(fault("GET", 2, does));
        assert_eq!(fixture.carrier.list(&sub.access()).await.unwrap().len(), sub.numbers.len());
        fixture.company.inject_fault(fault("GET", 3, does));
        assert!(fixture.carrier.list(&sub.access()).await.is_err());
    }
}

#[tokio::test]
async fn a_write_that_was_turned_away_is_retried() {
    let (fixture, [main, _]) = fixture();
    let turned_away = FaultKind::TooManyRequests { retry_after: None };
    fixture.company.inject_fault(fault("POST", 2, turned_away));
    let number = main.numbers[0].sid;
    let after = fixture.carrier.update(&main.access(), number, &urls()).await.unwrap();
    assert_eq!(after.configuration.get(Field::VoiceUrl), Some("https://example.com/new"));
    fixture.company.inject_fault(fault("POST", 3, turned_away));
    let error = fixture.carrier.update(&main.access(), number, &urls()).await.unwrap_err();
    assert!(matches!(error, CarrierError::Busy { .. }), "{error:?}");
}

#[tokio::test]
async fn a_loop_of_pages_is_an_error() {
    let (fixture, [main, _]) = fixture();
    fixture.company.inject_fault(fault("GET", 100, FaultKind::PageLoop));
    let error = fixture.carrier.list(&main.access()).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "its pages form a cycle");
    assert!(fixture.company.requests().len() < 5);
}

#[tokio::test]
async fn an_html_page_is_an_error() {
    let (fixture, [main, _]) = fixture();
    fixture.company.inject_fault(fault("GET", 1, FaultKind::Html { status: 200 }));
    let error = fixture.carrier.list(&main.access()).await.unwrap_err();
    assert!(matches!(error, CarrierError::Unreadable { .. }), "{error:?}");
    assert!(error.source().unwrap().to_string().contains("text/html"));
}

#[tokio::test]
async fn the_token_of_the_parent_is_tried_once_after_a_refusal() {
    let (fixture, [main, sub]) = fixture();
    let parent = ParentToken { account: main.account.sid, token: main.token.clone() };
    let access = CarrierAccess { parent: Some(parent.clone()), ..sub.access() };
    let number = sub.numbers[0].sender;
    fixture.carrier.find(&access, number).await.unwrap();
    assert_eq!(fixture.company.requests().len(), 1);
    fixture.company.inject_fault(fault("GET", 1, FaultKind::WrongToken));
    fixture.carrier.find(&access, number).await.unwrap();
    assert_eq!(fixture.company.requests().len(), 3);
    let token = Secret::new("nobody's".to_owned());
    let parent = ParentToken { token: token.clone(), ..parent };
    let access = CarrierAccess { token, parent: Some(parent), ..access };
    let error = fixture.carrier.find(&access, number).await.unwrap_err();
    assert!(matches!(error, CarrierError::Unauthorized { .. }), "{error:?}");
    assert_eq!(fixture.company.requests().len(), 5);
}
