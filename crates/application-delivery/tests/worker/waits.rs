//! What changes while a message waits for other requests of its account.

use std::time::Duration;

use switchboard_application_management::fixtures::{clock, sid};
use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::{AttemptOutcome, ConversationKey, DeliveryState, SendState};
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{Clock as _, ConsentStore as _};
use switchboard_store_memory::Fault;
use tokio::time::sleep;

use crate::fixture::Fixture;

const WAIT: Duration = Duration::from_secs(5);

async fn opt_out(fixture: &Fixture) {
    let outgoing = fixture.outgoing().await;
    let consent = Consent {
        organization: default_organization(),
        key: ConversationKey::new(&outgoing[0].from, &outgoing[0].to),
        state: ConsentState::OptedOut,
        changed_at: clock().now(),
        account: sid('a'),
        message: None,
    };
    fixture.store.record(&consent).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_arrives_during_the_wait_is_obeyed() {
    let fixture = Fixture::new().await;
    fixture.busy.set_wait(WAIT);
    fixture.receive(1, "hello").await;
    sleep(WAIT / 2).await;
    opt_out(&fixture).await;
    fixture.settle().await;
    assert_eq!(fixture.sent(), [""; 0]);
    assert_eq!(fixture.outgoing().await[0].progress.state, SendState::Planned);
    assert_eq!(fixture.outgoing_outcomes().await, [AttemptOutcome::OptedOut]);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_is_stopped_during_the_wait_gets_no_reply() {
    let fixture = Fixture::new().await;
    fixture.busy.set_wait(WAIT);
    fixture.receive(1, "hello").await;
    sleep(WAIT / 2).await;
    fixture.stop(1).await;
    fixture.settle().await;
    assert_eq!(fixture.sent(), [""; 0]);
    assert_eq!(fixture.outgoing_outcomes().await, [AttemptOutcome::LoopStopped]);
}

#[tokio::test(start_paused = true)]
async fn the_window_is_that_of_the_end_of_the_wait() {
    let fixture = Fixture::new().await;
    fixture.busy.set_wait(WAIT);
    fixture.receive_by_whatsapp(1, "hello", 1, 24 * 3_600).await;
    sleep(WAIT / 2).await;
    fixture.set_template(&format!("HX{}?1=%7Bbody%7D", "1".repeat(32))).await;
    fixture.settle().await;
    assert_eq!(fixture.outgoing_outcomes().await, [AttemptOutcome::Accepted]);
    assert_eq!(fixture.templates().len(), 1);
}

/// The store renews the leases of other deliveries only: another process has this one.
#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_the_lease_is_lost_during_the_wait() {
    let fixture = Fixture::new().await;
    fixture.busy.set_wait(4 * WAIT);
    fixture.receive(1, "hello").await;
    sleep(WAIT / 2).await;
    fixture.store.take_over("another worker");
    sleep(4 * WAIT).await;
    assert_eq!(fixture.sent(), [""; 0]);
    fixture.busy.set_wait(Duration::ZERO);
    fixture.settle().await;
    assert_eq!(fixture.sent(), ["reply to hello"]);
}

/// A wait that is longer than a lease is no reason not to send: the lease is renewed.
#[tokio::test(start_paused = true)]
async fn a_message_is_sent_after_a_long_wait() {
    let fixture = Fixture::new().await;
    fixture.store.fail_next("delivery.renew", 1, Fault::Unavailable);
    fixture.busy.set_wait(10 * WAIT);
    fixture.receive(1, "hello").await;
    sleep(11 * WAIT).await;
    assert_eq!(fixture.sent(), ["reply to hello"]);
    let states: Vec<_> = fixture.deliveries().await.iter().map(|one| one.state).collect();
    assert_eq!(states, [DeliveryState::Delivered; 2]);
}
