//! The laws of [`DeliveryQueue`](switchboard_domain::ports::DeliveryQueue) about the records of sent messages.

use switchboard_domain::delivery::{AttemptResult, Next, SendProgress, SendState};
use switchboard_domain::message::{Direction, MessageRecord};
use switchboard_domain::ports::Recorded;
use switchboard_domain::status::{MessageProgress, MessageStatus};

use crate::delivery_queue::{answer, claimed, message, record, reply, result};
use crate::prelude::*;
use crate::{Fixture, samples};

/// Claims the outgoing message and records that Twilio accepted it under this number's SID.
pub(crate) async fn send(fixture: &Fixture, id: u32, sid: u32) {
    let _claimed = claimed(fixture, "one").await;
    let sid = Some(samples::message_sid(sid));
    let progress = Some(SendProgress { state: SendState::Sent, sid });
    let sent = AttemptResult { progress, ..result(id, Next::Delivered) };
    assert_eq!(record(fixture, "one", &sent).await, Recorded::Recorded);
}

/// The record of message `sid`, if there is one.
async fn found(fixture: &Fixture, sid: u32) -> Option<MessageRecord> {
    let (account, sid) = (samples::account_sid(1), samples::message_sid(sid));
    fixture.messages().find(&fixture.us, account, sid).await.unwrap()
}

#[laws(outgoing::outgoing_laws)]
pub mod laws {
    use super::*;

    /// A message that Twilio accepted is a record like an inbound one, with its agent and the time at which it was sent; its text is in
    /// the delivery. Its status is merged, whether it is reported before or after.
    pub async fn a_sent_message_is_recorded(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned, SendState::Planned]).await;
        let received = message(fixture, 1, 1);
        let early =
            samples::progress(52, received.account, &fixture.ours, MessageStatus::Delivered, 9);
        // Of which only the status is known.
        let early = MessageProgress { from: None, to: None, ..early };
        fixture.messages().progress(&early).await.unwrap();
        for (id, sid, status) in
            [(11, 51, MessageStatus::Queued), (12, 52, MessageStatus::Delivered)]
        {
            assert_eq!(found(fixture, sid).await.is_some(), sid == 52);
            send(fixture, id, sid).await;
            let (_, outgoing) = reply(id, 1, "", SendState::Planned);
            let expected = MessageRecord {
                account: received.account,
                message: samples::message_sid(sid),
                organization: fixture.ours.clone(),
                direction: Direction::Outbound,
                from: Some(outgoing.from),
                to: Some(outgoing.to),
                body: None,
                parameters: None,
                agent: received.agent.clone(),
                rule: None,
                reason: None,
                verified_by: None,
                status,
                error_code: None,
                first_seen_at: samples::at(5),
            };
            assert_eq!(found(fixture, sid).await, Some(expected));
        }
        let late =
            samples::progress(51, received.account, &fixture.ours, MessageStatus::Failed, 10);
        fixture.messages().progress(&late).await.unwrap();
        let failed = found(fixture, 51).await.unwrap();
        assert_eq!((failed.status, failed.agent), (MessageStatus::Failed, received.agent));
    }

    /// A message that was not accepted is not recorded.
    pub async fn an_unsent_message_is_not_recorded(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned]).await;
        let _claimed = claimed(fixture, "one").await;
        let progress = Some(SendProgress::without_sid(SendState::Refused));
        let dead = AttemptResult { progress, ..result(11, Next::Dead) };
        assert_eq!(record(fixture, "one", &dead).await, Recorded::Recorded);
        let page = Page::first(10);
        let all = fixture.messages().list(&fixture.us, &page).await.unwrap();
        assert_eq!(all.len(), 1);
    }
}
