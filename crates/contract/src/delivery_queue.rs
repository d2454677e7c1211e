//! The laws of [`DeliveryQueue`](switchboard_domain::ports::DeliveryQueue).
//!
//! A lease of zero seconds expires at once, and a retry after zero seconds is due at once, so the laws do not have to wait.

use std::collections::BTreeSet;
use std::time::Duration;

use switchboard_domain::delivery::{
    Attempt, AttemptDetail, AttemptOutcome, AttemptResult, Busy, Delivery, DeliveryItem,
    DeliveryState, DeliveryTarget, Next, Outgoing, OutgoingContent, QueueOwner, SendProgress,
    SendState,
};
use switchboard_domain::identifier::{ConversationId, DeliveryId};
use switchboard_domain::message::NewDelivery;
use switchboard_domain::message_template::FilledTemplate;
use switchboard_domain::ports::{DeliveryFilter, Insertion, Recorded};
use switchboard_domain::sid::ContentSid;

use crate::concurrent::at_once;
use crate::prelude::*;
use crate::{Fixture, samples};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) fn delivery_id(n: u32) -> DeliveryId {
    DeliveryId::new(samples::at(n.into()), [7; 10])
}

pub(crate) fn conversation_id(n: u8) -> ConversationId {
    ConversationId::new(samples::at(0), [n; 10])
}

pub(crate) fn holder(name: &str) -> LeaseHolder {
    LeaseHolder::named(name)
}

/// Message `n` of a conversation, with its delivery. Each conversation has a contact of its own.
pub(crate) fn message(fixture: &Fixture, n: u32, conversation: u8) -> ReceivedMessage {
    let from = Address::Phone(samples::phone(500 + u32::from(conversation)));
    let conversation = conversation_id(conversation);
    let delivery = NewDelivery { id: delivery_id(n), conversation, begins_conversation: false };
    let message = samples::received(n, samples::account_sid(1), &fixture.ours);
    let inbound = InboundMessage { from, ..message.inbound };
    ReceivedMessage { inbound, delivery: Some(delivery), ..message }
}

pub(crate) async fn receive(fixture: &Fixture, n: u32, conversation: u8) -> ReceivedMessage {
    let message = message(fixture, n, conversation);
    assert_eq!(fixture.messages().insert_once(&message).await.unwrap(), Insertion::Inserted);
    message
}

/// The delivery of a received message, as it is claimed for the first time.
pub(crate) fn expected(message: &ReceivedMessage) -> Delivery {
    let new = message.delivery.clone().unwrap();
    Delivery {
        id: new.id,
        organization: message.organization.clone(),
        account: message.account,
        owner: QueueOwner::Conversation(new.conversation),
        agent: message.agent.clone(),
        item: DeliveryItem::Received(message.inbound.message),
        state: DeliveryState::Pending,
        attempts: Vec::new(),
        earlier_attempts: 0,
        next_attempt_at: None,
        created_at: message.received_at,
    }
}

pub(crate) async fn claim(fixture: &Fixture, name: &str, lease: Duration) -> Vec<Delivery> {
    fixture.delivery_queue().claim(&holder(name), lease, 100, &Busy::default()).await.unwrap()
}

/// The ids of the claimed deliveries, in ascending order.
pub(crate) async fn claimed(fixture: &Fixture, name: &str) -> Vec<DeliveryId> {
    let mut ids: Vec<_> =
        claim(fixture, name, MINUTE).await.into_iter().map(|delivery| delivery.id).collect();
    ids.sort();
    ids
}

fn attempt(outcome: AttemptOutcome) -> Attempt {
    Attempt {
        at: samples::at(5),
        milliseconds: 12,
        outcome,
        code: Some(503),
        detail: Some(AttemptDetail::new(samples::UNICODE)),
    }
}

pub(crate) fn result(n: u32, next: Next) -> AttemptResult {
    AttemptResult {
        delivery: delivery_id(n),
        attempt: attempt(AttemptOutcome::BadStatus),
        endpoint: None,
        next,
        progress: None,
        replies: Vec::new(),
    }
}

/// A template with a variable.
pub(crate) fn template(value: &str) -> FilledTemplate {
    let content = ContentSid::parse("HX0123456789abcdef0123456789abcdef").unwrap();
    FilledTemplate { content, variables: vec![("1".to_owned(), value.to_owned())] }
}

/// A reply to message `n`, whose id is that of delivery `id`.
pub(crate) fn reply(id: u32, n: u32, key: &str, state: SendState) -> (DeliveryId, Outgoing) {
    let outgoing = Outgoing {
        in_reply_to: Some(samples::message_sid(n)),
        reply_key: key.to_owned(),
        from: Address::parse("whatsapp:+14155550100").unwrap(),
        to: Address::parse("whatsapp:+14155550199").unwrap(),
        content: OutgoingContent {
            body: Body::new(samples::UNICODE),
            media: vec![WebUrl::parse("https://example.com/a?b=c").unwrap()],
            template: Some(template(samples::UNICODE)),
        },
        progress: SendProgress::without_sid(state),
    };
    (delivery_id(id), outgoing)
}

pub(crate) async fn record(fixture: &Fixture, name: &str, result: &AttemptResult) -> Recorded {
    let results = std::slice::from_ref(result);
    let recorded = fixture.delivery_queue().record(&holder(name), results).await.unwrap();
    assert_eq!(recorded.len(), 1);
    recorded[0]
}

pub(crate) async fn find(fixture: &Fixture, n: u32) -> Option<Delivery> {
    fixture.deliveries().find(&fixture.us, &delivery_id(n)).await.unwrap()
}

pub(crate) async fn state(fixture: &Fixture, n: u32) -> DeliveryState {
    find(fixture, n).await.unwrap().state
}

/// Receives message 1 and records its delivery with replies, whose ids begin at 11.
pub(crate) async fn answer(fixture: &Fixture, states: &[SendState]) {
    receive(fixture, 1, 1).await;
    assert_eq!(claimed(fixture, "one").await, [delivery_id(1)]);
    let replies = (11..).zip(states).map(|(id, state)| reply(id, 1, &id.to_string(), *state));
    let result = AttemptResult { replies: replies.collect(), ..result(1, Next::Delivered) };
    assert_eq!(record(fixture, "one", &result).await, Recorded::Recorded);
}

#[laws(delivery_queue::delivery_queue_laws)]
pub mod laws {
    use super::*;

    /// The delivery of a message is due at once and stored exactly. A duplicate of the message adds none.
    pub async fn a_message_is_delivered_once(fixture: &Fixture) {
        let message = receive(fixture, 1, 1).await;
        let conversation = conversation_id(1);
        let other = NewDelivery { id: delivery_id(2), conversation, begins_conversation: false };
        let again = ReceivedMessage { delivery: Some(other), ..message.clone() };
        assert_eq!(fixture.messages().insert_once(&again).await.unwrap(), Insertion::Duplicate);
        assert_eq!(claim(fixture, "one", MINUTE).await, [expected(&message)]);
        assert_eq!(state(fixture, 1).await, DeliveryState::Delivering);
        assert_eq!(find(fixture, 2).await, None);
    }

    /// A message without a delivery is not delivered.
    pub async fn a_message_without_a_delivery_is_not_claimed(fixture: &Fixture) {
        let message = ReceivedMessage { delivery: None, ..message(fixture, 1, 1) };
        let _inserted = fixture.messages().insert_once(&message).await.unwrap();
        assert_eq!(claimed(fixture, "one").await, []);
    }

    /// Only the first delivery of a conversation is claimed. The next one follows when it is final, in the order in
    /// which the messages were stored, whatever their ids and times are.
    pub async fn the_messages_of_a_conversation_are_delivered_in_order(fixture: &Fixture) {
        let order = [3, 1, 2];
        for n in order {
            receive(fixture, n, 1).await;
        }
        receive(fixture, 4, 2).await;
        assert_eq!(claimed(fixture, "one").await, [delivery_id(3), delivery_id(4)]);
        for (n, next) in order.into_iter().zip([Next::Delivered, Next::Dead, Next::Delivered]) {
            assert_eq!(record(fixture, "one", &result(n, next)).await, Recorded::Recorded);
            let following = order.into_iter().skip_while(|other| *other != n).nth(1);
            let expected: Vec<_> = following.map(delivery_id).into_iter().collect();
            assert_eq!(claimed(fixture, "one").await, expected, "after {n}");
        }
    }

    /// A failed delivery is attempted again after its wait, and keeps its place.
    pub async fn a_failed_delivery_is_attempted_again_before_later_ones(fixture: &Fixture) {
        receive(fixture, 1, 1).await;
        receive(fixture, 2, 1).await;
        assert_eq!(claimed(fixture, "one").await, [delivery_id(1)]);
        let now = result(1, Next::Retry(Duration::ZERO));
        assert_eq!(record(fixture, "one", &now).await, Recorded::Recorded);
        assert_eq!(claimed(fixture, "one").await, [delivery_id(1)]);
        let later = result(1, Next::Retry(HOUR));
        assert_eq!(record(fixture, "one", &later).await, Recorded::Recorded);
        assert_eq!(claimed(fixture, "one").await, []);
        // A new message does not make the queue due.
        receive(fixture, 3, 1).await;
        assert_eq!(claimed(fixture, "one").await, []);
        assert_eq!(state(fixture, 1).await, DeliveryState::Pending);
        let attempts = find(fixture, 1).await.unwrap().attempts;
        assert_eq!(attempts, vec![attempt(AttemptOutcome::BadStatus); 2]);
    }

    /// Results that are recorded together are each recorded like one alone, also beside those of lost leases.
    pub async fn results_are_recorded_together(fixture: &Fixture) {
        for n in 1..=5 {
            receive(fixture, n, u8::try_from(n).unwrap()).await;
        }
        assert_eq!(claimed(fixture, "one").await.len(), 5);
        receive(fixture, 6, 6).await;
        assert_eq!(claimed(fixture, "two").await, [delivery_id(6)]);
        let answered = AttemptResult {
            replies: vec![reply(12, 2, "a", SendState::Planned)],
            ..result(2, Next::Delivered)
        };
        let also_answered = AttemptResult {
            replies: vec![reply(11, 1, "a", SendState::Planned)],
            ..result(1, Next::Delivered)
        };
        let results = [
            answered,
            result(6, Next::Dead),
            result(3, Next::Retry(HOUR)),
            also_answered,
            result(4, Next::Dead),
            result(4, Next::Delivered),
            result(99, Next::Dead),
        ];
        let recorded = fixture.delivery_queue().record(&holder("one"), &results).await.unwrap();
        let (yes, no) = (Recorded::Recorded, Recorded::LeaseLost);
        assert_eq!(recorded, [yes, no, yes, yes, yes, no, no]);
        let expected = [
            (1, DeliveryState::Delivered),
            (2, DeliveryState::Delivered),
            (3, DeliveryState::Pending),
            (4, DeliveryState::Dead),
            (5, DeliveryState::Delivering),
            (6, DeliveryState::Delivering),
            (11, DeliveryState::Pending),
            (12, DeliveryState::Pending),
        ];
        for (n, expected) in expected {
            assert_eq!(state(fixture, n).await, expected, "{n}");
        }
        assert_eq!(find(fixture, 3).await.unwrap().attempts, [attempt(AttemptOutcome::BadStatus)]);
        assert_eq!(fixture.delivery_queue().record(&holder("one"), &[]).await.unwrap(), []);
    }

    /// A leased delivery is not claimed by another holder until the lease expires. Then the first holder cannot record.
    pub async fn an_expired_lease_is_taken_over(fixture: &Fixture) {
        receive(fixture, 1, 1).await;
        assert_eq!(claim(fixture, "one", Duration::ZERO).await.len(), 1);
        assert_eq!(claimed(fixture, "two").await, [delivery_id(1)]);
        assert_eq!(claimed(fixture, "three").await, []);
        let done = result(1, Next::Delivered);
        assert_eq!(record(fixture, "one", &done).await, Recorded::LeaseLost);
        assert_eq!(state(fixture, 1).await, DeliveryState::Delivering);
        assert_eq!(record(fixture, "two", &done).await, Recorded::Recorded);
        assert_eq!(record(fixture, "two", &done).await, Recorded::LeaseLost);
        assert_eq!(find(fixture, 1).await.unwrap().attempts.len(), 1);
    }

    /// An expired lease without a new holder is not enough to record. A renewed one is. Only the named ones are renewed, and
    /// the holder learns which.
    pub async fn a_lease_is_renewed(fixture: &Fixture) {
        receive(fixture, 1, 1).await;
        receive(fixture, 2, 2).await;
        assert_eq!(claim(fixture, "one", Duration::ZERO).await.len(), 2);
        let done = result(1, Next::Delivered);
        assert_eq!(record(fixture, "one", &done).await, Recorded::LeaseLost);
        let renew = async |name, ids: &[DeliveryId]| {
            fixture.delivery_queue().renew(&holder(name), MINUTE, ids).await.unwrap()
        };
        assert_eq!(renew("two", &[delivery_id(2)]).await, []);
        assert_eq!(renew("one", &[delivery_id(1)]).await, [delivery_id(1)]);
        assert_eq!(claimed(fixture, "two").await, [delivery_id(2)]);
        let both = [delivery_id(2), delivery_id(1)];
        assert_eq!(renew("one", &both).await, [delivery_id(1)]);
        assert_eq!(record(fixture, "one", &done).await, Recorded::Recorded);
    }

    /// Concurrent workers claim each delivery once.
    pub async fn concurrent_workers_claim_each_delivery_once(fixture: &Fixture) {
        for n in 1..=40 {
            receive(fixture, n, u8::try_from(n).unwrap()).await;
        }
        let claims = at_once(|n| {
            let store = fixture.store();
            let holder = holder(&format!("worker {n}"));
            async move {
                store.delivery_queue().claim(&holder, MINUTE, 7, &Busy::default()).await.unwrap()
            }
        });
        let ids: Vec<_> = claims.await.into_iter().flatten().map(|delivery| delivery.id).collect();
        let once: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), once.len(), "{ids:?}");
        let rest = claimed(fixture, "rest").await;
        assert_eq!(ids.len() + rest.len(), 40);
    }

    /// A claim returns at most as many deliveries as requested.
    pub async fn a_claim_has_a_limit(fixture: &Fixture) {
        for n in 1..=3 {
            receive(fixture, n, u8::try_from(n).unwrap()).await;
        }
        let two = fixture
            .delivery_queue()
            .claim(&holder("one"), MINUTE, 2, &Busy::default())
            .await
            .unwrap();
        assert_eq!(two.len(), 2);
        assert_eq!(claimed(fixture, "one").await.len(), 1);
    }

    /// A queue whose target or organization is busy stays due, and delays no other.
    pub async fn busy_targets_are_left_out(fixture: &Fixture) {
        for n in 1..=2 {
            receive(fixture, n, u8::try_from(n).unwrap()).await;
        }
        let (id, lane) = (delivery_id(3), reply(3, 9, "key", SendState::Planned).1);
        let item = DeliveryItem::Outgoing(lane);
        let outgoing = Delivery { id, item, ..expected(&message(fixture, 9, 3)) };
        assert_eq!(fixture.outgoing().add(&outgoing).await.unwrap(), Insertion::Inserted);
        let claim = async |targets, organizations| {
            let busy = Busy { targets, organizations };
            let deliveries = fixture.delivery_queue();
            let mut claimed = deliveries.claim(&holder("one"), MINUTE, 9, &busy).await.unwrap();
            claimed.sort_by(|one, other| one.id.cmp(&other.id));
            let all: Vec<_> =
                claimed.iter().cloned().map(|delivery| (delivery, Duration::ZERO)).collect();
            deliveries.postpone(&holder("one"), &all).await.unwrap();
            claimed.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()
        };
        let sender = || vec![DeliveryTarget::Account(samples::account_sid(1))];
        let ours = vec![expected(&message(fixture, 1, 1)).organization];
        assert_eq!(claim(sender(), Vec::new()).await, [delivery_id(1), delivery_id(2)]);
        assert_eq!(claim(Vec::new(), ours).await, []);
        let target = vec![expected(&message(fixture, 1, 1)).target()];
        let left = claim(target, Vec::new()).await;
        assert!(!left.contains(&delivery_id(1)), "{left:?}");
        let all = [delivery_id(1), delivery_id(2), delivery_id(3)];
        assert_eq!(claim(Vec::new(), Vec::new()).await, all);
    }

    /// A postponed delivery is as it was before it was claimed.
    pub async fn a_delivery_is_postponed(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned]).await;
        for (name, after) in [("one", Duration::ZERO), ("two", HOUR)] {
            let found = claim(fixture, name, MINUTE).await;
            let DeliveryItem::Outgoing(outgoing) = &found[0].item else { panic!("{found:?}") };
            assert_eq!(outgoing.progress.state, SendState::Planned);
            fixture
                .delivery_queue()
                .postpone(&holder("three"), &[(found[0].clone(), HOUR)])
                .await
                .unwrap();
            assert_eq!(state(fixture, 11).await, DeliveryState::Delivering);
            fixture
                .delivery_queue()
                .postpone(&holder(name), &[(found[0].clone(), after)])
                .await
                .unwrap();
            let postponed = find(fixture, 11).await.unwrap();
            assert!(postponed.next_attempt_at.is_some());
            assert_eq!(Delivery { next_attempt_at: None, ..postponed }, found[0]);
        }
        assert_eq!(claimed(fixture, "one").await, []);
    }

    /// A delivery says when its next attempt is due, until it is final.
    pub async fn the_next_attempt_is_known(fixture: &Fixture) {
        for n in 1..=3 {
            receive(fixture, n, u8::try_from(n).unwrap()).await;
            assert!(find(fixture, n).await.unwrap().next_attempt_at.is_some());
        }
        let _claimed = claimed(fixture, "one").await;
        assert_eq!(find(fixture, 1).await.unwrap().next_attempt_at, None);
        for (n, next) in [(1, Next::Retry(MINUTE)), (2, Next::Retry(HOUR)), (3, Next::Dead)] {
            assert_eq!(record(fixture, "one", &result(n, next)).await, Recorded::Recorded);
        }
        let (filter, page) = (DeliveryFilter::default(), Page::first(3));
        let list = fixture.deliveries().newest(&fixture.us, &filter, &page).await.unwrap();
        let next = list.into_iter().map(|delivery| delivery.next_attempt_at);
        let next: Vec<_> = next.map(|at| at.map(Timestamp::seconds)).collect();
        let [None, Some(in_an_hour), Some(in_a_minute)] = next[..] else { panic!("{next:?}") };
        assert!((3_480..=3_600).contains(&(in_an_hour - in_a_minute)), "{next:?}");
    }
}
