//! Replies by `WhatsApp` inside and outside of its window of 24 hours.

use switchboard_domain::delivery::{AttemptOutcome, SendState};

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
