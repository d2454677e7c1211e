//! The laws of [`EventStore`](switchboard_domain::ports::EventStore).

use switchboard_domain::call::{DialFailure, FailureCause, TimelineEntry, TimelineEvent};
use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::{
    Attempt, AttemptOutcome, AttemptResult, ConversationKey, Delivery, Next, Outgoing,
    SendProgress, SendState,
};
use switchboard_domain::erasure::Contact;
use switchboard_domain::event::{Event, EventKind, EventValue, parse_types};
use switchboard_domain::history::Period;
use switchboard_domain::plan::Skipped;
use switchboard_domain::ports::{EventFilter, Insertion, Recorded};
use switchboard_domain::retention::RecordKind;

use crate::concurrent::at_once;
use crate::delivery_queue::{self, MINUTE, claim, receive, reply};
use crate::gone_targets::answered;
use crate::prelude::*;
use crate::{Fixture, pages, samples};

async fn listed(fixture: &Fixture, scope: &Scope, filter: &EventFilter) -> Vec<Event> {
    let events = fixture.store();
    events.events().newest(scope, filter, &Page::first(100)).await.unwrap()
}

/// All events of our organization, newest first.
async fn all(fixture: &Fixture) -> Vec<Event> {
    listed(fixture, &fixture.us, &EventFilter::default()).await
}

fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

fn field(event: &Event, name: &str) -> EventValue {
    let found = event.data.fields().find(|(field, _)| *field == name);
    found.unwrap_or_else(|| panic!("{:?} has no {name}", event.kind)).1.clone()
}

fn text(text: &str) -> EventValue {
    EventValue::Text(text.to_owned())
}

async fn progress(fixture: &Fixture, n: u32, status: MessageStatus, second: i64) {
    let account = samples::account_sid(1);
    let progress = samples::progress(n, account, &fixture.ours, status, second);
    fixture.messages().progress(&progress).await.unwrap();
}

fn consent(fixture: &Fixture, state: ConsentState, second: i64, message: Option<u32>) -> Consent {
    let address = |text| Address::parse(text).unwrap();
    Consent {
        organization: fixture.ours.clone(),
        key: ConversationKey::new(&address("+14155550100"), &address("whatsapp:+14155550199")),
        state,
        changed_at: samples::at(second),
        account: samples::account_sid(1),
        message: message.map(samples::message_sid),
    }
}

/// Claims the delivery and records the end of an attempt.
async fn attempt(
    fixture: &Fixture,
    outcome: AttemptOutcome,
    next: Next,
    progress: Option<SendProgress>,
    replies: Vec<(switchboard_domain::identifier::DeliveryId, Outgoing)>,
) -> Delivery {
    let delivery = claim(fixture, "worker", MINUTE).await.remove(0);
    let attempt =
        Attempt { at: samples::at(50), milliseconds: 1, outcome, code: Some(410), detail: None };
    let id = delivery.id.clone();
    let result = AttemptResult { delivery: id, attempt, endpoint: None, next, progress, replies };
    assert_eq!(delivery_queue::record(fixture, "worker", &result).await, Recorded::Recorded);
    delivery
}

#[laws(events::event_laws)]
pub mod laws {
    use super::*;

    /// A received message is one event, however often and concurrently it is stored. A message of another organization is
    /// an event of that organization only.
    pub async fn a_received_message_is_one_event(fixture: &Fixture) {
        let message = delivery_queue::message(fixture, 1, 1);
        let store = fixture.store();
        let inserted = at_once(|_| {
            let (store, message) = (Arc::clone(&store), message.clone());
            async move { store.messages().insert_once(&message).await.unwrap() }
        })
        .await;
        assert_eq!(inserted.iter().filter(|one| **one == Insertion::Inserted).count(), 1);
        let theirs = samples::received(2, samples::account_sid(9), &fixture.theirs);
        fixture.messages().insert_once(&theirs).await.unwrap();
        let found = all(fixture).await;
        let [event] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((event.kind, event.at), (EventKind::MessageReceived, message.received_at));
        assert_eq!(
            (event.account, event.subject.as_str()),
            (message.account, message.inbound.message.as_str())
        );
        assert_eq!(
            (event.from.as_ref(), event.to.as_ref()),
            (Some(&message.inbound.from), Some(&message.inbound.to))
        );
        assert_eq!(field(event, "media_count"), EventValue::Number(2));
        assert_eq!(field(event, "delivery_id"), text(message.delivery.unwrap().id.as_str()));
        assert_eq!(listed(fixture, &fixture.them, &EventFilter::default()).await.len(), 1);
        assert_eq!(listed(fixture, &samples::operator(), &EventFilter::default()).await.len(), 2);
    }

    /// A failed attempt of a call is one event, however often it is reported. Other entries of the timeline are none.
    pub async fn a_failed_attempt_is_one_event(fixture: &Fixture) {
        let entry = |second, event| TimelineEntry {
            account: samples::account_sid(1),
            call: samples::call_sid(1),
            organization: fixture.ours.clone(),
            at: samples::at(second),
            event,
        };
        let failed = |tried, cause| TimelineEvent::AttemptFailed { tried, cause };
        let skipped =
            TimelineEvent::AgentSkipped { agent: samples::agent_id(1), why: Skipped::Down };
        let entries = [
            entry(1, failed(1, FailureCause::Code(31_921))),
            entry(2, skipped),
            entry(3, failed(2, FailureCause::Dial(DialFailure::Busy))),
            entry(4, failed(1, FailureCause::Unknown)),
        ];
        for _ in 0..2 {
            fixture.timeline().record(&entries).await.unwrap();
        }
        let found = all(fixture).await;
        assert_eq!(kinds(&found), ["call.attempt_failed", "call.attempt_failed"]);
        assert_eq!((found[0].at, field(&found[0], "reason")), (samples::at(3), text("busy")));
        assert_eq!(field(&found[1], "error_code"), EventValue::Number(31_921));
        assert_eq!(found[1].subject, samples::call_sid(1).as_str());
    }

    /// An event is found at its place, if the scope covers it.
    pub async fn an_event_is_found_at_its_place(fixture: &Fixture) {
        receive(fixture, 1, 1).await;
        receive(fixture, 2, 1).await;
        let event = all(fixture).await.remove(1);
        let at = async |scope: &Scope, at: Timestamp| {
            fixture.events().at(scope, &(at, event.id.clone())).await.unwrap()
        };
        assert_eq!(at(&fixture.us, event.at).await, Some(event.clone()));
        assert_eq!(at(&samples::operator(), event.at).await, Some(event.clone()));
        assert_eq!(at(&fixture.them, event.at).await, None);
        assert_eq!(at(&fixture.us, event.at.plus_seconds(1)).await, None);
    }

    /// A message of which only a status was known is an event when it arrives.
    pub async fn a_message_after_its_status_is_one_event(fixture: &Fixture) {
        progress(fixture, 1, MessageStatus::Queued, 1).await;
        assert_eq!(all(fixture).await, []);
        receive(fixture, 1, 1).await;
        assert_eq!(kinds(&all(fixture).await), ["message.received"]);
    }

    /// Each state of an outgoing message is one event, however often and in whatever order it is reported.
    pub async fn each_state_of_an_outgoing_message_is_one_event(fixture: &Fixture) {
        for (status, second) in [
            (MessageStatus::Delivered, 3),
            (MessageStatus::Queued, 4),
            (MessageStatus::Sent, 5),
            (MessageStatus::Sent, 6),
            (MessageStatus::Read, 7),
            (MessageStatus::Delivered, 8),
        ] {
            progress(fixture, 1, status, second).await;
        }
        progress(fixture, 2, MessageStatus::Undelivered, 9).await;
        let found = all(fixture).await;
        assert_eq!(kinds(&found), ["message.failed", "message.sent", "message.delivered"]);
        assert_eq!(field(&found[0], "status"), text("undelivered"));
        assert_eq!(found[0].from, Some(Address::Phone(samples::phone(100))));
    }

    /// A call begins once and ends once, whatever the order in which that is recorded, and its end has everything that is
    /// known about it.
    pub async fn a_call_begins_once_and_ends_once(fixture: &Fixture) {
        let whole = samples::call(1, samples::account_sid(1), &fixture.ours);
        let decided = CallRecord { progress: None, disconnection: None, ..whole.clone() };
        let mut ended =
            CallRecord::of(whole.account, fixture.ours.clone(), whole.call, samples::at(4));
        ended.progress = whole.progress;
        for batch in
            [vec![decided.clone()], vec![ended.clone(), decided], vec![ended.clone()], vec![ended]]
        {
            fixture.calls().record(&batch).await.unwrap();
        }
        let found = all(fixture).await;
        assert_eq!(kinds(&found), ["call.ended", "call.started"]);
        for event in &found {
            assert_eq!(field(event, "agent_id"), text(samples::agent_id(1).as_str()));
            assert_eq!(event.from, whole.from);
        }
        assert_eq!(field(&found[0], "duration_seconds"), EventValue::Number(42));
        assert_eq!(field(&found[0], "outcome"), text(whole.outcome().as_str()));
    }

    /// A simulated call is no event.
    pub async fn a_simulated_call_is_no_event(fixture: &Fixture) {
        let call = samples::call(1, samples::account_sid(1), &fixture.ours);
        let simulated = CallRecord { call: call.call.simulated(), ..call };
        fixture.calls().record(&[simulated]).await.unwrap();
        assert_eq!(all(fixture).await, []);
    }

    /// A change of consent is an event; one that changes nothing, or is reported again, is none.
    pub async fn a_change_of_consent_is_one_event(fixture: &Fixture) {
        for (state, second, message) in [
            (ConsentState::OptedIn, 1, Some(1)),
            (ConsentState::OptedOut, 2, Some(2)),
            (ConsentState::OptedOut, 2, Some(2)),
            (ConsentState::OptedOut, 3, None),
            (ConsentState::OptedIn, 1, Some(1)),
            (ConsentState::OptedIn, 4, Some(4)),
        ] {
            let consent = consent(fixture, state, second, message);
            fixture.store().consents().record(&consent).await.unwrap();
        }
        let found = all(fixture).await;
        assert_eq!(kinds(&found), ["optout.changed", "optout.changed"]);
        assert_eq!(found[0].from, Address::parse("+14155550199").ok());
        assert_eq!(
            [field(&found[0], "state"), field(&found[1], "state")],
            [text("opted_in"), text("opted_out")]
        );
    }

    /// A delivery that dies is an event each time, and so is an endpoint that does not exist any more, once a day.
    pub async fn a_dead_delivery_is_an_event(fixture: &Fixture) {
        receive(fixture, 2, 2).await;
        attempt(fixture, AttemptOutcome::BadStatus, Next::Retry(MINUTE), None, vec![]).await;
        assert_eq!(kinds(&all(fixture).await), ["message.received"]);
        let agent = answered(fixture, AttemptOutcome::Gone).await;
        let found = all(fixture).await;
        assert_eq!(found.len(), 4);
        let dead = found.iter().find(|event| event.kind == EventKind::DeliveryDead).unwrap();
        assert_eq!(dead.subject, delivery_queue::delivery_id(1).as_str());
        assert_eq!(
            (field(dead, "reason"), field(dead, "error_code")),
            (text("gone"), EventValue::Number(410))
        );
        let disabled = found.iter().find(|event| event.kind == EventKind::TargetDisabled).unwrap();
        assert_eq!(disabled.subject, agent.id.as_str());
    }

    /// An outgoing message is an event when Twilio accepts it, and when it is given up. One whose outcome is unknown is only
    /// a dead delivery.
    pub async fn what_becomes_of_outgoing_messages_is_an_event(fixture: &Fixture) {
        receive(fixture, 1, 1).await;
        let state = SendState::Planned;
        let replies = (2..=4).map(|n| reply(n, 1, &format!("{n}"), state)).collect();
        attempt(fixture, AttemptOutcome::Accepted, Next::Delivered, None, replies).await;
        let sent = SendProgress { state: SendState::Sent, sid: Some(samples::message_sid(7)) };
        attempt(fixture, AttemptOutcome::Accepted, Next::Delivered, Some(sent), vec![]).await;
        progress(fixture, 7, MessageStatus::Sent, 60).await;
        let refused = SendProgress::without_sid(SendState::Refused);
        attempt(fixture, AttemptOutcome::Refused, Next::Dead, Some(refused), vec![]).await;
        let unknown = SendProgress::without_sid(SendState::Unknown);
        attempt(fixture, AttemptOutcome::OutcomeUnknown, Next::Dead, Some(unknown), vec![]).await;
        let found = all(fixture).await;
        let mut names = kinds(&found);
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "delivery.dead",
                "delivery.dead",
                "message.failed",
                "message.received",
                "message.sent"
            ]
        );
        let sent = found.iter().find(|event| event.kind == EventKind::MessageSent).unwrap();
        assert_eq!(sent.subject, samples::message_sid(7).as_str());
        assert_eq!(sent.to, Some(Address::parse("whatsapp:+14155550199").unwrap()));
    }

    /// Events are listed newest first and oldest first, page by page, and by period, type, account and subject.
    pub async fn events_are_listed_newest_first(fixture: &Fixture) {
        for n in 1..=5 {
            let message = ReceivedMessage {
                received_at: samples::at(i64::from(n) / 2),
                ..samples::received(n, samples::account_sid(1), &fixture.ours)
            };
            fixture.messages().insert_once(&message).await.unwrap();
        }
        progress(fixture, 9, MessageStatus::Failed, 1).await;
        let found = all(fixture).await;
        assert!(
            found
                .iter()
                .zip(found.iter().skip(1))
                .all(|(one, two)| (one.at, &one.id) > (two.at, &two.id))
        );
        assert_eq!(found.len(), 6);
        let (store, every) = (fixture.store(), EventFilter::default());
        let place = |event: &Event| (event.at, event.id.clone());
        let list = async |page| store.events().newest(&fixture.us, &every, &page).await;
        pages::hold(&found, place, list).await;
        let oldest_first: Vec<_> = found.into_iter().rev().collect();
        let list = async |page| store.events().oldest(&fixture.us, &every, &page).await;
        pages::hold(&oldest_first, place, list).await;
        let subject = samples::message_sid(3).as_str().to_owned();
        for (filter, count) in [
            (
                EventFilter {
                    period: Period { since: Some(samples::at(1)), until: Some(samples::at(2)) },
                    ..EventFilter::default()
                },
                3,
            ),
            (
                EventFilter {
                    kinds: parse_types("message.failed,call.*").ok(),
                    ..EventFilter::default()
                },
                1,
            ),
            (EventFilter { account: Some(samples::account_sid(2)), ..EventFilter::default() }, 0),
            (EventFilter { subject: Some(subject), ..EventFilter::default() }, 1),
        ] {
            assert_eq!(listed(fixture, &fixture.us, &filter).await.len(), count, "{filter:?}");
        }
    }

    /// A contact is erased from the events of its organization, and does not come back with later reports.
    pub async fn a_contact_is_erased_from_events(fixture: &Fixture) {
        let message = delivery_queue::message(fixture, 1, 1);
        let inbound =
            InboundMessage { from: Address::Phone(samples::phone(199)), ..message.inbound };
        let message = ReceivedMessage { inbound, ..message };
        fixture.messages().insert_once(&message).await.unwrap();
        progress(fixture, 2, MessageStatus::Sent, 2).await;
        let theirs = samples::received(3, samples::account_sid(9), &fixture.theirs);
        fixture.messages().insert_once(&theirs).await.unwrap();
        let contact = Contact::of(&Address::Phone(samples::phone(199))).unwrap();
        while fixture.erasure().erase_contact(&fixture.us, &contact, 100).await.unwrap().total() > 0
        {
        }
        progress(fixture, 2, MessageStatus::Delivered, 3).await;
        let found = all(fixture).await;
        assert_eq!(kinds(&found), ["message.delivered", "message.sent", "message.received"]);
        for event in &found {
            let sides = [event.from.as_ref(), event.to.as_ref()];
            assert!(sides.contains(&Some(&Address::Erased)), "{event:?}");
            assert!(sides.contains(&Some(&Address::Phone(samples::phone(100)))), "{event:?}");
        }
        let theirs = listed(fixture, &fixture.them, &EventFilter::default()).await;
        assert_eq!(theirs[0].from, Some(Address::Phone(samples::phone(199))));
    }

    /// Events before an instant are counted and deleted, the oldest first.
    pub async fn old_events_are_deleted(fixture: &Fixture) {
        for n in 1..=5 {
            progress(fixture, n, MessageStatus::Failed, n.into()).await;
        }
        let (retention, kind, before) = (fixture.retention(), RecordKind::Events, samples::at(5));
        assert_eq!(retention.count_older(kind, before).await.unwrap(), 4);
        assert_eq!(retention.delete_older(kind, before, 3).await.unwrap(), 3);
        assert_eq!(all(fixture).await.len(), 2);
        assert_eq!(retention.delete_older(kind, before, 3).await.unwrap(), 1);
        assert_eq!(all(fixture).await[0].at, before);
    }
}
