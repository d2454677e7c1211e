//! Replies by `WhatsApp` inside and outside of its window of 24 hours.

use switchboard_application_management::fixtures::{clock, sid};
use switchboard_domain::address::Address;
use switchboard_domain::delivery::{
    AttemptOutcome, Delivery, DeliveryItem, DeliveryState, Outgoing, OutgoingContent, QueueOwner,
    SendProgress, SendState,
};
use switchboard_domain::identifier::{ConversationId, DeliveryId};
use switchboard_domain::message_template::FilledTemplate;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{Clock as _, OutgoingStore};

use crate::fixture::Fixture;

const DAY: i64 = 24 * 60 * 60;

#[tokio::test(start_paused = true)]
async fn a_reply_within_the_window_is_sent_as_it_is() {
    let fixture = Fixture::new().await;
    fixture.receive_by_whatsapp(1, "hello", 1, DAY - 1).await;
    fixture.until_sent(1).await;
    assert_eq!(fixture.sent(), ["reply to hello"]);
    assert_eq!(fixture.templates(), []);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_outside_of_the_window_without_a_template() {
    let fixture = Fixture::new().await;
    fixture.receive_by_whatsapp(1, "hello", 1, DAY).await;
    fixture.until_delivered(1).await;
    fixture.idle().await;
    assert_eq!(fixture.sent(), [""; 0]);
    assert_eq!(fixture.outgoing_outcomes().await, [AttemptOutcome::WindowClosed]);
    assert_eq!(fixture.outgoing().await[0].progress.state, SendState::Planned);
    // A message of the contact opens the window again.
    fixture.receive_by_whatsapp(2, "again", 1, 0).await;
    fixture.until_sent(1).await;
    assert_eq!(fixture.sent(), ["reply to again"]);
}

#[tokio::test(start_paused = true)]
async fn an_sms_opens_no_window_and_has_none() {
    let fixture = Fixture::new().await;
    fixture.receive_by_whatsapp(1, "hello", 1, DAY).await;
    fixture.receive(2, "hello by SMS").await;
    fixture.until_sent(1).await;
    fixture.idle().await;
    assert_eq!(fixture.sent(), ["reply to hello by SMS"]);
    assert!(fixture.outgoing_outcomes().await.contains(&AttemptOutcome::WindowClosed));
}

/// Nothing was written by the contact, and the message has no agent.
#[tokio::test(start_paused = true)]
async fn a_template_that_answers_no_message_is_sent_at_any_time() {
    let fixture = Fixture::new().await;
    let text = format!("HX{}?1=Jo", "1".repeat(32));
    let template = FilledTemplate::parse(&text).unwrap();
    let address = |text| Address::parse(text).unwrap();
    let id = DeliveryId::new(clock().now(), [1; 10]);
    let delivery = Delivery {
        owner: QueueOwner::Conversation(ConversationId::new(clock().now(), [1; 10])),
        organization: default_organization(),
        account: sid('a'),
        agent: None,
        item: DeliveryItem::Outgoing(Outgoing {
            in_reply_to: None,
            reply_key: id.to_string(),
            from: address("whatsapp:+14155550100"),
            to: address("whatsapp:+14155550177"),
            content: OutgoingContent::of_template(template.clone()),
            progress: SendProgress::without_sid(SendState::Planned),
        }),
        state: DeliveryState::Pending,
        attempts: Vec::new(),
        earlier_attempts: 0,
        next_attempt_at: None,
        created_at: clock().now(),
        id,
    };
    OutgoingStore::add(&*fixture.store, &delivery).await.unwrap();
    fixture.until_sent(1).await;
    assert_eq!(fixture.templates(), [template]);
    assert_eq!(fixture.outgoing().await[0].progress.state, SendState::Sent);
}

#[tokio::test(start_paused = true)]
async fn the_template_of_the_agent_carries_the_reply_outside_of_the_window() {
    let fixture = Fixture::new().await;
    let template = format!("HX{}", "1".repeat(32));
    fixture.set_template(&format!("{template}?1=Sales&2=%7Bbody%7D")).await;
    fixture.receive_by_whatsapp(1, "hello", 1, DAY).await;
    fixture.until_sent(1).await;
    let sent = fixture.templates().remove(0);
    let variables = [("1", "Sales"), ("2", "reply to hello")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!((sent.content.as_str(), &sent.variables[..]), (&*template, &variables[..]));
    assert_eq!(fixture.outgoing().await[0].progress.state, SendState::Sent);
}
