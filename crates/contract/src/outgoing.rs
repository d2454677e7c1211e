//! The laws of [`DeliveryStore`](switchboard_domain::ports::DeliveryStore) about the records of sent messages, and about
//! the deliveries of messages and conversations.

use switchboard_domain::delivery::{AttemptResult, Next, SendProgress, SendState};
use switchboard_domain::message::{Direction, MessageRecord};
use switchboard_domain::ports::Recorded;
use switchboard_domain::status::{MessageProgress, MessageStatus};

use crate::deliveries::{
    answer, claimed, conversation_id, delivery_id, message, receive, record, reply, result,
};
use crate::prelude::*;
use crate::{Fixture, samples};

/// Claims the outgoing message and records that Twilio accepted it under this number's SID.
async fn send(fixture: &Fixture, id: u32, sid: u32) {
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

    /// The delivery of an inbound message, and the one that sent an outbound message, are found by their SIDs. Those of
    /// the replies to a message are not the message's own.
    pub async fn the_deliveries_of_messages_are_found(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned, SendState::Planned]).await;
        receive(fixture, 2, 2).await;
        send(fixture, 11, 51).await;
        let of = async |scope: &Scope, account, sids: &[u32]| {
            let sids: Vec<_> = sids.iter().map(|n| samples::message_sid(*n)).collect();
            let account = samples::account_sid(account);
            let found = fixture.deliveries().of_messages(scope, account, &sids).await.unwrap();
            let mut ids: Vec<_> = found.into_iter().map(|delivery| delivery.id).collect();
            ids.sort();
            ids
        };
        assert_eq!(of(&fixture.us, 1, &[1]).await, [delivery_id(1)]);
        assert_eq!(of(&fixture.us, 1, &[51, 60]).await, [delivery_id(11)]);
        let all = [delivery_id(1), delivery_id(2), delivery_id(11)];
        assert_eq!(of(&Scope::Operator, 1, &[2, 51, 1]).await, all);
        assert_eq!(of(&fixture.us, 2, &[1, 51]).await, []);
        assert_eq!(of(&fixture.them, 1, &[1, 51]).await, []);
        assert_eq!(of(&fixture.us, 1, &[]).await, []);
    }

    /// The outgoing messages of a conversation are listed, the last ones in the order in which they were added.
    pub async fn the_latest_outgoing_messages_are_listed(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned, SendState::Offered, SendState::Planned]).await;
        receive(fixture, 2, 2).await;
        let latest = async |scope: &Scope, conversation, limit| {
            let id = conversation_id(conversation);
            let found = fixture.deliveries().latest_outgoing(scope, &id, limit).await.unwrap();
            found.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()
        };
        let all = [delivery_id(11), delivery_id(12), delivery_id(13)];
        assert_eq!(latest(&fixture.us, 1, 100).await, all);
        assert_eq!(latest(&Scope::Operator, 1, 2).await, all[1..]);
        assert_eq!(latest(&fixture.us, 2, 100).await, []);
        assert_eq!(latest(&fixture.them, 1, 100).await, []);
    }
}
