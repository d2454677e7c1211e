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

use crate::kit::Kit;

const DAY: i64 = 24 * 60 * 60;

#[tokio::test(start_paused = true)]
async fn a_reply_within_the_window_is_sent_as_it_is() {
    let kit = Kit::new().await;
    kit.receive_by_whatsapp(1, "hello", 1, DAY - 1).await;
    kit.until_sent(1).await;
    assert_eq!(kit.sent(), ["reply to hello"]);
    assert_eq!(kit.templates(), []);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_outside_of_the_window_without_a_template() {
    let kit = Kit::new().await;
    kit.receive_by_whatsapp(1, "hello", 1, DAY).await;
    kit.until_delivered(1).await;
    kit.idle().await;
    assert_eq!(kit.sent(), [""; 0]);
    assert_eq!(kit.outgoing_outcomes().await, [AttemptOutcome::WindowClosed]);
    assert_eq!(kit.outgoing().await[0].progress.state, SendState::Planned);
    // A message of the contact opens the window again.
    kit.receive_by_whatsapp(2, "again", 1, 0).await;
    kit.until_sent(1).await;
    assert_eq!(kit.sent(), ["reply to again"]);
}

#[tokio::test(start_paused = true)]
async fn an_sms_opens_no_window_and_has_none() {
    let kit = Kit::new().await;
    kit.receive_by_whatsapp(1, "hello", 1, DAY).await;
    kit.receive(2, "hello by SMS").await;
    kit.until_sent(1).await;
    kit.idle().await;
    assert_eq!(kit.sent(), ["reply to hello by SMS"]);
    assert!(kit.outgoing_outcomes().await.contains(&AttemptOutcome::WindowClosed));
}

/// Nothing was written by the contact, and the message has no agent.
#[tokio::test(start_paused = true)]
async fn a_template_that_answers_no_message_is_sent_at_any_time() {
    let kit = Kit::new().await;
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
    OutgoingStore::add(&*kit.store, &delivery).await.unwrap();
    kit.until_sent(1).await;
    assert_eq!(kit.templates(), [template]);
    assert_eq!(kit.outgoing().await[0].progress.state, SendState::Sent);
}

#[tokio::test(start_paused = true)]
async fn the_template_of_the_agent_carries_the_reply_outside_of_the_window() {
    let kit = Kit::new().await;
    let template = format!("HX{}", "1".repeat(32));
    kit.set_template(&format!("{template}?1=Sales&2=%7Bbody%7D")).await;
    kit.receive_by_whatsapp(1, "hello", 1, DAY).await;
    kit.until_sent(1).await;
    let sent = kit.templates().remove(0);
    let variables = [("1", "Sales"), ("2", "reply to hello")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!((sent.content.as_str(), &sent.variables[..]), (&*template, &variables[..]));
    assert_eq!(kit.outgoing().await[0].progress.state, SendState::Sent);
}
