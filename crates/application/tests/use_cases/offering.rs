//! A reply of an endpoint goes into the answer to the webhook, or is sent by REST, and never both: also if it arrives when the
//! time of the answer is over, and if the client closes the connection.

use std::time::Duration;

use switchboard_application::{OfferedReply, ReplyOffer};
use switchboard_domain::address::Address;
use switchboard_domain::agent::MessageTarget;
use switchboard_domain::delivery::{
    Attempt, AttemptOutcome, AttemptResult, Busy, Delivery, DeliveryItem, DeliveryState,
    DeliveryTarget, Next, Outgoing, OutgoingContent, SendProgress, SendState,
};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::ports::{LeaseHolder, Recorded};
use switchboard_domain::sid::MessageSid;
use switchboard_domain::web_address::WebUrl;
use tokio::time::{sleep, timeout};

use crate::prelude::*;

/// How long the answer to a message waits for a reply.
const BUDGET: Duration = Duration::from_secs(8);

/// An app whose agent has an endpoint.
async fn app_with_endpoint() -> (TestApp, TestAccount) {
    let (app, main, mut sales) = TestApp::with_one_number(AppOptions::default()).await;
    let url = WebUrl::parse("https://agents.example.com/messages").unwrap();
    sales.profile.message_target = Some(MessageTarget::Webhook(url));
    app.store.agents().change(&operator(), None, &sales).await.unwrap();
    (app, main)
}

/// Message `n`, of a contact of its own.
fn text(account: &TestAccount, n: u32) -> Request {
    let fields = message(account, &format!("+1415556{n:04}"), NUMBER, "hello");
    let fields = with(fields, "MessageSid", &format!("SM{n:032x}"));
    Request::post(MESSAGE, &fields).signed_by(account)
}

fn reply_id(n: u32) -> DeliveryId {
    let mut random = [0; 10];
    random[..4].copy_from_slice(&n.to_be_bytes());
    DeliveryId::new(Timestamp::from_seconds(9), random)
}

/// What a worker does with message `n`: it gets the reply after some time, and needs some time to store it.
async fn work(app: &TestApp, main: &TestAccount, n: u32, times: [Duration; 2]) {
    let holder = LeaseHolder::named("worker");
    let busy = Busy { targets: vec![DeliveryTarget::Account(main.sid)], organizations: Vec::new() };
    let queue = app.store.delivery_queue();
    let delivery = loop {
        app.waiters.woken().await;
        let claimed = queue.claim(&holder, Duration::from_secs(60), 1, &busy).await.unwrap();
        if let Some(claimed) = claimed.into_iter().next() {
            break claimed;
        }
    };
    sleep(times[0]).await;
    let waiter = app.waiters.take(&delivery.id);
    let state = if waiter.is_some() { SendState::Offered } else { SendState::Planned };
    let message = MessageSid::parse(&format!("SM{n:032x}")).unwrap();
    let outgoing = Outgoing {
        in_reply_to: Some(message),
        reply_key: "response 1".to_owned(),
        from: Address::parse(NUMBER).unwrap(),
        to: Address::parse(&format!("+1415556{n:04}")).unwrap(),
        content: OutgoingContent::of_text("hi"),
        progress: SendProgress::without_sid(state),
    };
    let attempt = Attempt {
        at: Timestamp::from_seconds(0),
        milliseconds: 0,
        outcome: AttemptOutcome::Accepted,
        code: None,
        detail: None,
    };
    let offered = OfferedReply { delivery: reply_id(n), content: outgoing.content.clone() };
    let result = AttemptResult {
        delivery: delivery.id,
        attempt,
        endpoint: None,
        next: Next::Delivered,
        progress: None,
        replies: vec![(reply_id(n), outgoing)],
    };
    assert_eq!(queue.record(&holder, &[result]).await.unwrap(), [Recorded::Recorded]);
    sleep(times[1]).await;
    if let Some(waiter) = waiter {
        let waiters = Arc::clone(&app.waiters);
        let about = (main.sid, message);
        waiter.reply(ReplyOffer::new(vec![offered], app.faults.clone(), waiters, about));
    }
}

async fn reply(app: &TestApp, n: u32) -> Delivery {
    // What becomes of an offer is stored in the background.
    sleep(Duration::from_millis(1)).await;
    app.store.deliveries().find(&operator(), &reply_id(n)).await.unwrap().unwrap()
}

/// Whether the reply was sent with the answer, and whether it is to be sent by REST, at once.
async fn ways(app: &TestApp, n: u32) -> [bool; 2] {
    let reply = reply(app, n).await;
    let DeliveryItem::Outgoing(outgoing) = &reply.item else { panic!("not a reply") };
    let (state, send) = (reply.state, outgoing.progress.state);
    [
        (state, send) == (DeliveryState::Delivered, SendState::Sent),
        (state, send) == (DeliveryState::Pending, SendState::Planned),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_reply_counts_as_sent_when_the_connection_takes_the_answer() {
    let (app, main) = app_with_endpoint().await;
    let request = text(&main, 1);
    let (answer, ()) =
        tokio::join!(app.message(&request), work(&app, &main, 1, [Duration::ZERO; 2]));
    let offer = answer.unwrap().offer.unwrap();
    assert_eq!(ways(&app, 1).await, [false, false]);
    offer.answered();
    assert_eq!(ways(&app, 1).await, [true, false]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_whose_answer_is_dropped_is_sent_by_rest() {
    let (app, main) = app_with_endpoint().await;
    let request = text(&main, 1);
    let (answer, ()) =
        tokio::join!(app.message(&request), work(&app, &main, 1, [Duration::ZERO; 2]));
    drop(answer.unwrap());
    assert_eq!(ways(&app, 1).await, [false, true]);
}

/// The client closes the connection after the reply was passed to the webhook, which has not read it yet.
#[tokio::test(start_paused = true)]
async fn a_reply_to_a_webhook_whose_client_is_gone_is_sent_by_rest() {
    let (app, main) = app_with_endpoint().await;
    let request = text(&main, 1);
    {
        let mut webhook = Box::pin(app.message(&request));
        assert!(timeout(Duration::from_millis(1), &mut webhook).await.is_err());
        work(&app, &main, 1, [Duration::ZERO; 2]).await;
    }
    assert_eq!(ways(&app, 1).await, [false, true]);
}

/// The reply arrives around the end of the budget, storing it takes some time, and each fourth client closes the connection
/// around that time.
#[tokio::test(start_paused = true)]
async fn at_the_edge_of_the_budget_each_reply_takes_one_way() {
    let mut counts = [0; 2];
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut milliseconds = |from: u64, width: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Duration::from_millis(from + (random >> 33) % width)
    };
    for round in 0..20 {
        let (app, main) = app_with_endpoint().await;
        for n in 50 * round..50 * (round + 1) {
            let request = text(&main, n);
            let times = [milliseconds(7_000, 2_000), milliseconds(0, 2_500)];
            let closes_after = match n % 4 {
                0 => milliseconds(7_000, 4_000),
                _ => 10 * BUDGET,
            };
            let webhook = async {
                let answer = timeout(closes_after, app.message(&request)).await.ok()?;
                answer.unwrap().offer
            };
            let (offer, ()) = tokio::join!(webhook, work(&app, &main, n, times));
            let is_answered = offer.is_some();
            if let Some(offer) = offer {
                offer.answered();
            }
            assert_eq!(ways(&app, n).await, [is_answered, !is_answered], "{n}: {times:?}");
            counts[usize::from(is_answered)] += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 200), "{counts:?}");
}
