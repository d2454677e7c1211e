//! The laws of [`DeliveryHistory`](switchboard_domain::ports::DeliveryHistory) and
//! [`DeadDeliveryStore`](switchboard_domain::ports::DeadDeliveryStore).

use switchboard_domain::delivery::{
    AttemptResult, DeliveryItem, DeliveryState, Next, SendProgress, SendState,
};
use switchboard_domain::ports::{DeliveryFilter, Recorded};

use crate::delivery_queue::{
    MINUTE, answer, claim, claimed, conversation_id, delivery_id, find, receive, record, result,
};
use crate::expect_error::assert_missing;
use crate::outgoing::send;
use crate::prelude::*;
use crate::{Fixture, samples};

#[laws(delivery_history::delivery_history_laws)]
pub mod laws {
    use super::*;

    /// A dead delivery can be replayed by its own organization, and only a dead one.
    pub async fn a_dead_delivery_is_replayed(fixture: &Fixture) {
        receive(fixture, 1, 1).await;
        let replay =
            |scope| async move { fixture.dead_deliveries().replay(scope, &delivery_id(1)).await };
        assert_missing(replay(&fixture.us).await, Entity::Delivery);
        let _claimed = claimed(fixture, "one").await;
        assert_eq!(record(fixture, "one", &result(1, Next::Dead)).await, Recorded::Recorded);
        assert_eq!(claimed(fixture, "one").await, []);
        assert_missing(replay(&fixture.them).await, Entity::Delivery);
        replay(&fixture.us).await.unwrap();
        assert_eq!(claimed(fixture, "one").await, [delivery_id(1)]);
        let replayed = find(fixture, 1).await.unwrap();
        assert_eq!((replayed.attempts.len(), replayed.failures()), (1, 0));
    }

    /// A refused message that is replayed is sent again. One whose outcome is unknown stays so, and is looked up.
    pub async fn a_replayed_message_is_sent_or_looked_up(fixture: &Fixture) {
        answer(fixture, &[SendState::Planned, SendState::Planned]).await;
        for (id, ended, replayed) in [
            (11, SendState::Refused, SendState::Planned),
            (12, SendState::Unknown, SendState::Unknown),
        ] {
            assert_eq!(claimed(fixture, "one").await, [delivery_id(id)]);
            let progress = Some(SendProgress::without_sid(ended));
            let dead = AttemptResult { progress, ..result(id, Next::Dead) };
            assert_eq!(record(fixture, "one", &dead).await, Recorded::Recorded);
            fixture.dead_deliveries().replay(&fixture.us, &delivery_id(id)).await.unwrap();
            let found = claim(fixture, "one", MINUTE).await;
            let DeliveryItem::Outgoing(outgoing) = &found[0].item else { panic!("{found:?}") };
            assert_eq!(outgoing.progress.state, replayed);
            let done = AttemptResult { progress, ..result(id, Next::Delivered) };
            assert_eq!(record(fixture, "one", &done).await, Recorded::Recorded);
        }
    }

    /// Deliveries are listed newest first, by page, scope and filter.
    pub async fn deliveries_are_listed(fixture: &Fixture) {
        for n in 1..=4 {
            receive(fixture, n, u8::try_from(n).unwrap()).await;
        }
        let list = |scope: Author, filter: DeliveryFilter, after: Option<u32>, limit| async move {
            let after = after.map(|n| (samples::at(n.into()), delivery_id(n)));
            let page = Page { after, limit };
            let found = fixture.deliveries().newest(&scope, &filter, &page).await.unwrap();
            found.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()
        };
        let us = || fixture.us.clone();
        let all = DeliveryFilter::default;
        assert_eq!(list(us(), all(), None, 2).await, [delivery_id(4), delivery_id(3)]);
        assert_eq!(list(us(), all(), Some(3), 9).await, [delivery_id(2), delivery_id(1)]);
        assert_eq!(list(samples::operator(), all(), None, 9).await.len(), 4);
        assert_eq!(list(fixture.them.clone(), all(), None, 9).await, []);
        let of_message = DeliveryFilter { message: Some(samples::message_sid(2)), ..all() };
        assert_eq!(list(us(), of_message, None, 9).await, [delivery_id(2)]);
        let account = |n| DeliveryFilter { account: Some(samples::account_sid(n)), ..all() };
        assert_eq!(list(us(), account(1), None, 9).await.len(), 4);
        assert_eq!(list(us(), account(2), None, 9).await, []);
        let dead = DeliveryFilter { state: Some(DeliveryState::Dead), ..all() };
        assert_eq!(list(us(), dead.clone(), None, 9).await, []);
        let _claimed = claimed(fixture, "one").await;
        assert_eq!(record(fixture, "one", &result(3, Next::Dead)).await, Recorded::Recorded);
        assert_eq!(list(us(), dead, None, 9).await, [delivery_id(3)]);
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
        assert_eq!(of(&samples::operator(), 1, &[2, 51, 1]).await, all);
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
        assert_eq!(latest(&samples::operator(), 1, 2).await, all[1..]);
        assert_eq!(latest(&fixture.us, 2, 100).await, []);
        assert_eq!(latest(&fixture.them, 1, 100).await, []);
    }
}
