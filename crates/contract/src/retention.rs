//! The laws of [`RetentionStore`](switchboard_domain::ports::RetentionStore).

use std::time::Duration;

use switchboard_domain::audit::AuditFilter;
use switchboard_domain::delivery::{Attempt, AttemptOutcome, AttemptResult, Busy, Next};
use switchboard_domain::event::parse_types;
use switchboard_domain::history::{HistoryFilter, RejectionFilter};
use switchboard_domain::identifier::{ConversationId, DeliveryId};
use switchboard_domain::message::NewDelivery;
use switchboard_domain::ports::{DeliveryFilter, EventFilter, Recorded};
use switchboard_domain::retention::RecordKind;

use crate::prelude::*;
use crate::{Fixture, samples};

/// Records calls, messages, their delivered deliveries, and rejections of both organizations, and rejections of unknown
/// accounts: one of each per second, from 1 to 9.
async fn recorded(fixture: &Fixture) {
    for n in 1..=9 {
        let (account, owner) = match n % 2 {
            0 => (1, &fixture.ours),
            _ => (9, &fixture.theirs),
        };
        let (account, at) = (samples::account_sid(account), samples::at(n.into()));
        let call = CallRecord { first_seen_at: at, ..samples::call(n, account, owner) };
        fixture.calls().record(&[call]).await.unwrap();
        let mut message = samples::received(n, account, owner);
        message.received_at = at;
        let random = [u8::try_from(n).unwrap(); 10];
        let (id, conversation) = (DeliveryId::new(at, random), ConversationId::new(at, random));
        message.delivery = Some(NewDelivery { id, conversation, begins_conversation: false });
        message.inbound.from = Address::Phone(samples::phone(500 + u32::from(random[0])));
        fixture.messages().insert_once(&message).await.unwrap();
        let rejection = samples::rejection(n, (n % 3 > 0).then_some(owner));
        fixture.rejections().record(&[Rejection { at, ..rejection }]).await.unwrap();
    }
    deliver_all(fixture).await;
}

async fn deliver_all(fixture: &Fixture) {
    let (holder, lease) = (LeaseHolder::named("worker"), Duration::from_secs(60));
    let deliveries = fixture.delivery_queue();
    for delivery in deliveries.claim(&holder, lease, 100, &Busy::default()).await.unwrap() {
        let attempt = Attempt {
            at: delivery.created_at,
            milliseconds: 1,
            outcome: AttemptOutcome::Accepted,
            code: None,
            detail: None,
        };
        let (delivery, next, replies) = (delivery.id, Next::Delivered, Vec::new());
        let result =
            AttemptResult { delivery, attempt, endpoint: None, next, progress: None, replies };
        let recorded = deliveries.record(&holder, &[result]).await.unwrap();
        assert_eq!(recorded, [Recorded::Recorded]);
    }
}

/// The times of the remaining records of a kind, newest first.
async fn left(fixture: &Fixture, kind: RecordKind) -> Vec<Timestamp> {
    let (all, none) = (Scope::Operator, HistoryFilter::default());
    match kind {
        RecordKind::Calls => {
            let calls = fixture.newest_calls(&all, &none, &Page::first(100)).await.unwrap();
            calls.iter().map(|call| call.first_seen_at).collect()
        }
        RecordKind::Messages => {
            let messages = fixture.newest_messages(&all, &none, &Page::first(100)).await.unwrap();
            messages.iter().map(|message| message.first_seen_at).collect()
        }
        RecordKind::Rejections => {
            let none = RejectionFilter::default();
            let found = fixture.newest_rejections(&all, &none, &Page::first(100)).await.unwrap();
            found.iter().map(|rejection| rejection.at).collect()
        }
        RecordKind::Deliveries => {
            let none = DeliveryFilter::default();
            let found = fixture.deliveries().newest(&all, &none, &Page::first(100)).await.unwrap();
            found.iter().map(|delivery| delivery.created_at).collect()
        }
        RecordKind::Events => {
            let received = parse_types("message.received").ok();
            let none = EventFilter { kinds: received, ..EventFilter::default() };
            let store = fixture.store();
            let found = store.events().newest(&all, &none, &Page::first(100)).await.unwrap();
            found.iter().map(|event| event.at).collect()
        }
        RecordKind::Jobs => Vec::new(),
        RecordKind::Audit => {
            let none = AuditFilter::default();
            let found = fixture.audit().newest(&all, &none, &Page::first(100)).await.unwrap();
            found.iter().map(|entry| entry.record.at).collect()
        }
    }
}

/// The kinds of which there are nine records at nine times. Jobs and the entries of the audit log have laws of their own.
fn of_nine() -> impl Iterator<Item = RecordKind> {
    let has_own_laws = |kind: &RecordKind| matches!(kind, RecordKind::Jobs | RecordKind::Audit);
    RecordKind::ALL.into_iter().filter(move |kind| !has_own_laws(kind))
}

fn seconds(seconds: impl DoubleEndedIterator<Item = i64>) -> Vec<Timestamp> {
    seconds.rev().map(samples::at).collect()
}

#[laws(retention::retention_laws)]
pub mod laws {
    use super::*;

    /// Records before an instant are deleted, of all organizations and of unknown accounts. Records
    /// of the instant itself are kept.
    pub async fn what_is_older_is_deleted(fixture: &Fixture) {
        recorded(fixture).await;
        // Calls have events of other times.
        for kind in of_nine().filter(|kind| *kind != RecordKind::Events) {
            let before = samples::at(6);
            assert_eq!(fixture.retention().count_older(kind, before).await.unwrap(), 5);
            assert_eq!(left(fixture, kind).await, seconds(1..=9), "counting deletes nothing");
            assert_eq!(fixture.retention().delete_older(kind, before, 100).await.unwrap(), 5);
            assert_eq!(left(fixture, kind).await, seconds(6..=9), "{kind:?}");
            assert_eq!(fixture.retention().count_older(kind, before).await.unwrap(), 0);
            assert_eq!(fixture.retention().delete_older(kind, before, 100).await.unwrap(), 0);
        }
    }

    /// At most `limit` records are deleted, the oldest first. Records of other kinds are kept.
    pub async fn the_oldest_are_deleted_first_and_no_more_than_the_limit(fixture: &Fixture) {
        recorded(fixture).await;
        let retention = fixture.retention();
        let delete = async |limit| {
            retention.delete_older(RecordKind::Calls, samples::at(8), limit).await.unwrap()
        };
        assert_eq!(delete(0).await, 0);
        assert_eq!(delete(3).await, 3);
        assert_eq!(left(fixture, RecordKind::Calls).await, seconds(4..=9));
        assert_eq!(delete(3).await, 3);
        assert_eq!(delete(3).await, 1);
        assert_eq!(left(fixture, RecordKind::Calls).await, seconds(8..=9));
        for other in of_nine().filter(|kind| *kind != RecordKind::Calls) {
            assert_eq!(left(fixture, other).await, seconds(1..=9), "{other:?}");
        }
    }

    /// What links a user id and a number is deleted with the messages of its time.
    pub async fn what_links_a_contact_is_deleted_with_messages(fixture: &Fixture) {
        let links = fixture.contact_links();
        let user = |n: i64| Address::parse(&format!("whatsapp:US.{n}")).unwrap();
        let number = samples::phone(1);
        for n in 1..=4 {
            let at = samples::at(n);
            links.link(&fixture.ours, &user(n), number, at).await.unwrap();
        }
        let (kind, before) = (RecordKind::Messages, samples::at(3));
        fixture.retention().delete_older(kind, before, 100).await.unwrap();
        for n in 1..=4 {
            let known = links.number_of(&fixture.ours, &user(n)).await.unwrap();
            assert_eq!(known.is_some(), n >= 3, "{n}");
        }
    }

    /// A delivery that is not final is kept, however old it is.
    pub async fn an_open_delivery_is_kept(fixture: &Fixture) {
        let mut message = samples::received(1, samples::account_sid(1), &fixture.ours);
        let (id, conversation) = (DeliveryId::new(samples::at(1), [1; 10]), [1; 10]);
        let conversation = ConversationId::new(samples::at(1), conversation);
        message.delivery = Some(NewDelivery { id, conversation, begins_conversation: false });
        fixture.messages().insert_once(&message).await.unwrap();
        let (retention, before) = (fixture.retention(), message.received_at.plus_seconds(1));
        let kind = RecordKind::Deliveries;
        assert_eq!(retention.count_older(kind, before).await.unwrap(), 0);
        assert_eq!(retention.delete_older(kind, before, 100).await.unwrap(), 0);
        deliver_all(fixture).await;
        assert_eq!(retention.count_older(kind, before).await.unwrap(), 1);
        assert_eq!(retention.delete_older(kind, before, 100).await.unwrap(), 1);
    }

    /// If more is recorded about a deleted call, it is a new record.
    pub async fn a_deleted_call_is_recorded_anew(fixture: &Fixture) {
        let call = samples::call(1, samples::account_sid(1), &fixture.ours);
        fixture.calls().record(std::slice::from_ref(&call)).await.unwrap();
        let after = call.first_seen_at.plus_seconds(1);
        let deleted = fixture.retention().delete_older(RecordKind::Calls, after, 1).await;
        assert_eq!(deleted.unwrap(), 1);
        fixture.calls().record(std::slice::from_ref(&call)).await.unwrap();
        let found = fixture.call_by_sid(&fixture.us, call.call).await.unwrap();
        assert_eq!(found.as_ref(), Some(&call));
    }
}
