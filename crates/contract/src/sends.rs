//! The laws of [`OutgoingStore`](switchboard_domain::ports::OutgoingStore), and of the queues for messages to contacts.

use std::time::Duration;

use switchboard_domain::delivery::{
    AttemptOutcome, AttemptResult, Busy, Delivery, DeliveryItem, DeliveryState, DeliveryTarget,
    IdempotencyKey, Next, Outgoing, SendProgress, SendState,
};
use switchboard_domain::ports::{Insertion, OfferOutcome, Recorded};

use crate::concurrent::at_once;
use crate::delivery_queue::{
    MINUTE, answer, claim, claimed, delivery_id, expected, find, holder, message, receive, record,
    reply, result, state,
};
use crate::prelude::*;
use crate::{Fixture, samples};

fn key_of(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

#[laws(sends::send_laws)]
pub mod laws {
    use super::*;

    /// Replies are added with the result and stored exactly. They are claimed in order, once each is sent.
    pub async fn replies_are_sent_in_order(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned, SendState::Planned]).await;
        for id in [11, 12] {
            let sid = samples::message_sid(40 + id);
            let found = claim(fixture, "one", MINUTE).await;
            let (_, outgoing) = reply(id, 1, &id.to_string(), SendState::Planned);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].id, delivery_id(id));
            let DeliveryItem::Outgoing(claimed) = &found[0].item else { panic!("{found:?}") };
            assert_eq!(claimed.content.body.as_str(), outgoing.content.body.as_str());
            assert_eq!(claimed, &outgoing);
            let progress = SendProgress { state: SendState::Sent, sid: Some(sid) };
            let sent = AttemptResult { progress: Some(progress), ..result(id, Next::Delivered) };
            assert_eq!(record(fixture, "one", &sent).await, Recorded::Recorded);
            let DeliveryItem::Outgoing(sent) = find(fixture, id).await.unwrap().item else {
                panic!("a reply became a received message")
            };
            assert_eq!(sent.progress, progress);
        }
        assert_eq!(claimed(fixture, "one").await, []);
    }

    /// A claimed reply is stored as unknown, so that whoever takes it over looks it up.
    pub async fn a_claimed_reply_is_unknown(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned]).await;
        for state in [SendState::Planned, SendState::Unknown] {
            let found = claim(fixture, "one", Duration::ZERO).await;
            let DeliveryItem::Outgoing(outgoing) = &found[0].item else { panic!("{found:?}") };
            assert_eq!(outgoing.progress.state, state);
        }
    }

    /// The replies to a message do not wait for the conversation's next messages, and the reverse.
    pub async fn the_directions_of_a_conversation_are_independent(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned]).await;
        receive(fixture, 3, 1).await;
        assert_eq!(claimed(fixture, "one").await, [delivery_id(3), delivery_id(11)]);
    }

    /// A reply whose key is taken for its message is not added.
    pub async fn a_reply_key_is_used_once(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned]).await;
        receive(fixture, 2, 2).await;
        let _claimed = claimed(fixture, "one").await;
        let replies = vec![
            reply(21, 1, "11", SendState::Planned),
            reply(22, 1, "12", SendState::Planned),
            reply(23, 2, "11", SendState::Planned),
        ];
        let twice = AttemptResult { replies, ..result(2, Next::Delivered) };
        assert_eq!(record(fixture, "one", &twice).await, Recorded::Recorded);
        assert_eq!(find(fixture, 21).await, None);
        assert!(find(fixture, 22).await.is_some() && find(fixture, 23).await.is_some());
    }

    /// An offered reply is not claimed. It is delivered when the answer was sent, and due at once when it was not.
    pub async fn an_offer_is_settled(fixture: &Fixture) {
        answer(fixture, &[SendState::Offered, SendState::Offered]).await;
        assert_eq!(claimed(fixture, "one").await, []);
        let settle = |message, outcome| {
            let sid = samples::message_sid(message);
            fixture.outgoing().settle_offer(samples::account_sid(1), sid, outcome)
        };
        settle(2, OfferOutcome::Answered).await.unwrap();
        assert_eq!(state(fixture, 11).await, DeliveryState::Pending);
        settle(1, OfferOutcome::Withdrawn).await.unwrap();
        assert_eq!(claimed(fixture, "one").await, [delivery_id(11)]);
        // What is settled stays as it is.
        settle(1, OfferOutcome::Answered).await.unwrap();
        assert_eq!(state(fixture, 12).await, DeliveryState::Pending);
    }

    /// Offered replies do not overtake an earlier message of their conversation: they are planned, and sent after it. Those
    /// of other conversations, and those that follow a final message, stay offered.
    pub async fn an_offer_overtakes_no_earlier_message(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned]).await;
        for (n, conversation, offered) in
            [(2, 1, Recorded::Queued), (3, 3, Recorded::Recorded), (4, 1, Recorded::Recorded)]
        {
            let earlier = if n == 4 { vec![11, 21, 22] } else { Vec::new() };
            for id in earlier {
                assert_eq!(claimed(fixture, "two").await, [delivery_id(id)]);
                let sent = result(id, Next::Delivered);
                assert_eq!(record(fixture, "two", &sent).await, Recorded::Recorded);
            }
            receive(fixture, n, conversation).await;
            // Only the message: the replies wait.
            let sender = DeliveryTarget::Account(samples::account_sid(1));
            let busy = Busy { targets: vec![sender], organizations: Vec::new() };
            let found =
                fixture.delivery_queue().claim(&holder("one"), MINUTE, 9, &busy).await.unwrap();
            assert_eq!(found.len(), 1);
            let replies = [1, 2]
                .map(|place| reply(n * 10 + place, n, &place.to_string(), SendState::Offered));
            let answered =
                AttemptResult { replies: replies.to_vec(), ..result(n, Next::Delivered) };
            assert_eq!(record(fixture, "one", &answered).await, offered, "{n}");
            for place in [1, 2] {
                let found = find(fixture, n * 10 + place).await.unwrap();
                let DeliveryItem::Outgoing(outgoing) = found.item else { panic!("not a reply") };
                let expected = match offered {
                    Recorded::Queued => SendState::Planned,
                    Recorded::Recorded | Recorded::LeaseLost => SendState::Offered,
                };
                assert_eq!(outgoing.progress.state, expected, "{n}");
            }
        }
    }

    /// An earlier message that is attempted much later holds up no answer.
    pub async fn an_offer_does_not_wait_for_a_message_that_cannot_be_sent(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned]).await;
        assert_eq!(claimed(fixture, "two").await, [delivery_id(11)]);
        let hour = Duration::from_secs(60 * 60);
        assert_eq!(
            record(fixture, "two", &result(11, Next::Retry(hour))).await,
            Recorded::Recorded
        );
        receive(fixture, 2, 1).await;
        assert_eq!(claimed(fixture, "one").await, [delivery_id(2)]);
        let replies = vec![reply(21, 2, "1", SendState::Offered)];
        let answered = AttemptResult { replies, ..result(2, Next::Delivered) };
        assert_eq!(record(fixture, "one", &answered).await, Recorded::Recorded);
    }

    /// The offered replies of a sent answer are delivered.
    pub async fn a_sent_answer_delivers_its_replies(fixture: &Fixture) {
        answer(fixture, &[SendState::Offered, SendState::Offered]).await;
        let (account, message) = (samples::account_sid(1), samples::message_sid(1));
        let settle = fixture.outgoing().settle_offer(account, message, OfferOutcome::Answered);
        settle.await.unwrap();
        for id in [11, 12] {
            let found = find(fixture, id).await.unwrap();
            let DeliveryItem::Outgoing(outgoing) = found.item else { panic!("not a reply") };
            assert_eq!(
                (found.state, outgoing.progress.state),
                (DeliveryState::Delivered, SendState::Sent)
            );
        }
        assert_eq!(claimed(fixture, "one").await, []);
    }

    /// An outgoing message of its own is due at once. Its key is used once for each message that it answers. The key of a
    /// message that answers none is used once in its organization, and the message is found by it.
    pub async fn outgoing_messages_are_added(fixture: &Fixture) {
        let received = message(fixture, 1, 1);
        let outgoing = |id, in_reply_to, key| {
            let (id, outgoing) = reply(id, 1, &key_of(key).reply_key(), SendState::Planned);
            let item = DeliveryItem::Outgoing(Outgoing { in_reply_to, ..outgoing });
            Delivery { id, item, ..expected(&received) }
        };
        let sid = Some(samples::message_sid(1));
        let (added, taken) = (Insertion::Inserted, Insertion::Duplicate);
        for (id, in_reply_to, key, insertion) in [
            (1, sid, "key", added),
            (2, sid, "key", taken),
            (3, None, "key", added),
            (4, None, "key", taken),
            (5, None, "other key", added),
        ] {
            let new = outgoing(id, in_reply_to, key);
            assert_eq!(fixture.outgoing().add(&new).await.unwrap(), insertion, "{id}");
        }
        let theirs = outgoing(6, None, "key");
        let theirs = Delivery { organization: fixture.theirs.clone(), ..theirs };
        assert_eq!(fixture.outgoing().add(&theirs).await.unwrap(), added);
        assert_eq!(claim(fixture, "one", MINUTE).await, [outgoing(1, sid, "key")]);
        for (owner, key, id) in [
            (&fixture.ours, "key", Some(3)),
            (&fixture.ours, "other key", Some(5)),
            (&fixture.theirs, "key", Some(6)),
            (&fixture.theirs, "other key", None),
        ] {
            let found = fixture.outgoing().find_by_key(owner, &key_of(key)).await.unwrap();
            assert_eq!(found.map(|found| found.id), id.map(delivery_id), "{key}");
        }
    }

    /// Of concurrent messages with one key, one is added.
    pub async fn concurrent_messages_with_one_key_are_one(fixture: &Fixture) {
        let received = message(fixture, 1, 1);
        let added = at_once(|n| {
            let store = fixture.store();
            let (id, outgoing) = reply(n, 1, "key", SendState::Planned);
            let item = DeliveryItem::Outgoing(Outgoing { in_reply_to: None, ..outgoing });
            let new = Delivery { id, item, ..expected(&received) };
            async move { store.outgoing().add(&new).await.unwrap() }
        });
        let added = added.await.into_iter().filter(|added| *added == Insertion::Inserted);
        assert_eq!(added.count(), 1);
    }

    /// A status callback tells the SID of a message whose outcome is unknown, which is not sent again. It does so once, and
    /// only for the account of the message.
    pub async fn a_callback_confirms_a_message(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned, SendState::Offered]).await;
        let (sid, other) = (samples::message_sid(50), samples::message_sid(51));
        let confirm = async |account, id, sid| {
            let account = samples::account_sid(account);
            fixture
                .outgoing()
                .confirm_sent(account, &delivery_id(id), sid, samples::at(9))
                .await
                .unwrap();
        };
        for (account, id) in [(2, 11), (1, 1), (1, 99)] {
            confirm(account, id, sid).await;
        }
        assert_eq!(claimed(fixture, "one").await, [delivery_id(11)]);
        let progress = SendProgress::without_sid(SendState::Unknown);
        let retry = Next::Retry(Duration::ZERO);
        let unknown = AttemptResult { progress: Some(progress), ..result(11, retry) };
        assert_eq!(record(fixture, "one", &unknown).await, Recorded::Recorded);
        confirm(1, 11, sid).await;
        confirm(1, 11, other).await;
        confirm(1, 12, other).await;
        assert_eq!(claimed(fixture, "one").await, []);
        for (id, sid) in [(11, sid), (12, other)] {
            let found = find(fixture, id).await.unwrap();
            let DeliveryItem::Outgoing(outgoing) = found.item else { panic!("not a message") };
            let sent = SendProgress { state: SendState::Sent, sid: Some(sid) };
            assert_eq!((found.state, outgoing.progress), (DeliveryState::Delivered, sent));
        }
    }

    /// A message at Twilio belongs to one outgoing message of the account. A look-up that finds one that belongs to another
    /// delivery leaves a dead letter; a callback says whose it is, and takes it from a delivery that a look-up gave it to.
    pub async fn a_sid_belongs_to_one_message(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned; 3]).await;
        let (sid, account) = (samples::message_sid(50), samples::account_sid(1));
        let sent = SendProgress { state: SendState::Sent, sid: Some(sid) };
        for id in [11, 12] {
            assert_eq!(claimed(fixture, "one").await, [delivery_id(id)]);
            let found = AttemptResult { progress: Some(sent), ..result(id, Next::Delivered) };
            assert_eq!(record(fixture, "one", &found).await, Recorded::Recorded);
        }
        let unknown = SendProgress::without_sid(SendState::Unknown);
        let progress = async |id| {
            let found = find(fixture, id).await.unwrap();
            let DeliveryItem::Outgoing(outgoing) = found.item else { panic!("not a message") };
            (found.state, outgoing.progress)
        };
        assert_eq!(progress(11).await, (DeliveryState::Delivered, sent));
        assert_eq!(progress(12).await, (DeliveryState::Dead, unknown));
        let last = find(fixture, 12).await.unwrap().attempts.pop().unwrap();
        assert_eq!(last.outcome, AttemptOutcome::OutcomeUnknown);
        assert!(last.detail.is_some());
        let thirteen = delivery_id(13);
        let confirm = fixture.outgoing().confirm_sent(account, &thirteen, sid, samples::at(9));
        confirm.await.unwrap();
        assert_eq!(progress(11).await, (DeliveryState::Dead, unknown));
        assert_eq!(progress(13).await, (DeliveryState::Delivered, sent));
        assert_eq!(claimed(fixture, "one").await, []);
    }

    /// A message that is confirmed during an attempt counts as sent, whatever the result of the attempt is.
    pub async fn a_message_is_confirmed_during_an_attempt(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned]).await;
        assert_eq!(claimed(fixture, "one").await, [delivery_id(11)]);
        let (account, sid) = (samples::account_sid(1), samples::message_sid(50));
        let (outgoing, at) = (fixture.outgoing(), samples::at(9));
        outgoing.confirm_sent(account, &delivery_id(11), sid, at).await.unwrap();
        assert_eq!(state(fixture, 11).await, DeliveryState::Delivering);
        let progress = Some(SendProgress::without_sid(SendState::Unknown));
        let unknown = AttemptResult { progress, ..result(11, Next::Retry(MINUTE)) };
        assert_eq!(record(fixture, "one", &unknown).await, Recorded::Recorded);
        let found = find(fixture, 11).await.unwrap();
        let DeliveryItem::Outgoing(outgoing) = found.item else { panic!("not a message") };
        let sent = SendProgress { state: SendState::Sent, sid: Some(sid) };
        assert_eq!((found.state, outgoing.progress), (DeliveryState::Delivered, sent));
    }
}
