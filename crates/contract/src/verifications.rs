//! The laws of [`VerificationStore`](switchboard_domain::ports::VerificationStore).

use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{CallDecision, CallRecord};
use switchboard_domain::message::ReceivedMessage;
use switchboard_domain::rejection::Refusal;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::status::MessageStatus;
use switchboard_domain::time::Timestamp;

use crate::{World, samples};

const NEXT: VerifiedBy = VerifiedBy::NextToken;

/// Every verification that there is.
fn all() -> impl Iterator<Item = VerifiedBy> {
    let checked = [VerifiedBy::PrimaryToken, VerifiedBy::NextToken, VerifiedBy::Unchecked];
    checked.into_iter().chain(Refusal::ALL.map(VerifiedBy::Reported))
}

/// A call of account 1 that was decided in that second.
fn call(world: &World, n: u32, verified_by: VerifiedBy, second: i64) -> CallRecord {
    let usual = samples::call(n, samples::account_sid(1), &world.ours);
    let decision = CallDecision {
        rule: None,
        agent: None,
        reason: switchboard_domain::routing::Reason::Unassigned,
        verified_by,
        at: samples::at(second),
    };
    CallRecord { decision: Some(decision), ..usual }
}

/// A message to account 1 that came in that second.
fn message(world: &World, n: u32, verified_by: VerifiedBy, second: i64) -> ReceivedMessage {
    let usual = samples::received(n, samples::account_sid(1), &world.ours);
    ReceivedMessage { verified_by, received_at: samples::at(second), ..usual }
}

async fn record(world: &World, calls: &[CallRecord]) {
    world.calls.record(calls).await.unwrap();
}

async fn keep(world: &World, message: &ReceivedMessage) {
    world.messages.keep(message).await.unwrap();
}

async fn seen(world: &World, account: AccountSid, verified_by: VerifiedBy) -> Option<Timestamp> {
    world.verifications.last_seen(account, verified_by).await.unwrap()
}

/// When account 1 was last seen on that verification.
async fn seen_of_one(world: &World, verified_by: VerifiedBy) -> Option<Timestamp> {
    seen(world, samples::account_sid(1), verified_by).await
}

laws! {
    $
    /// Stamps the laws of `VerificationStore` on a harness.
    verification_laws in verifications;

    /// Where nothing came, nothing was seen.
    async fn an_account_that_nobody_wrote_to_was_not_seen(world: &World) {
        for verified_by in all() {
            assert_eq!(seen_of_one(world, verified_by).await, None);
        }
    }

    /// Each verification is told apart, of calls as of messages, and its time to the microsecond.
    async fn every_evidence_is_seen_by_itself(world: &World) {
        for (n, verified_by) in (1..).zip(all()) {
            assert_eq!(seen_of_one(world, verified_by).await, None);
            record(world, &[call(world, n, verified_by, n.into())]).await;
            assert_eq!(seen_of_one(world, verified_by).await, Some(samples::at(n.into())));
            keep(world, &message(world, n, verified_by, i64::from(n) + 1_000)).await;
            assert_eq!(seen_of_one(world, verified_by).await, Some(samples::at(i64::from(n) + 1_000)));
        }
    }

    /// The last one counts, in whatever order they are told.
    async fn the_last_of_many_is_told(world: &World) {
        let calls = [5, 9, 2].map(|second| call(world, u32::try_from(second).unwrap(), NEXT, second));
        record(world, &calls).await;
        assert_eq!(seen_of_one(world, NEXT).await, Some(samples::at(9)));
        for (n, second) in (1..).zip([7, 12, 3]) {
            keep(world, &message(world, n, NEXT, second)).await;
        }
        assert_eq!(seen_of_one(world, NEXT).await, Some(samples::at(12)));
        record(world, &[call(world, 100, NEXT, 13)]).await;
        assert_eq!(seen_of_one(world, NEXT).await, Some(samples::at(13)));
    }

    /// Another account's calls and messages are another account's.
    async fn what_came_to_another_account_does_not_count(world: &World) {
        let other = samples::account_sid(2);
        let call = CallRecord { account: other, ..call(world, 1, NEXT, 1) };
        record(world, std::slice::from_ref(&call)).await;
        keep(world, &ReceivedMessage { account: other, ..message(world, 1, NEXT, 2) }).await;
        assert_eq!(seen_of_one(world, NEXT).await, None);
        assert_eq!(seen(world, other, NEXT).await, Some(samples::at(2)));
    }

    /// A call that nobody decided, and a message of which just a status was told, were verified by nothing that
    /// is kept.
    async fn what_was_only_heard_of_does_not_count(world: &World) {
        let call = CallRecord { decision: None, ..call(world, 1, NEXT, 1) };
        record(world, &[call]).await;
        let account = samples::account_sid(1);
        let told = samples::progress(1, account, &world.ours, MessageStatus::Delivered, 1);
        world.messages.progress(&told).await.unwrap();
        for verified_by in all() {
            assert_eq!(seen_of_one(world, verified_by).await, None);
        }
        keep(world, &message(world, 1, NEXT, 2)).await;
        assert_eq!(seen_of_one(world, NEXT).await, Some(samples::at(2)));
    }

    /// Of a call that is told twice the first decision stands, of a message that comes twice the first delivery.
    async fn what_comes_again_counts_as_it_came_first(world: &World) {
        record(world, &[call(world, 1, NEXT, 1)]).await;
        record(world, &[call(world, 1, VerifiedBy::PrimaryToken, 2)]).await;
        keep(world, &message(world, 1, NEXT, 3)).await;
        keep(world, &message(world, 1, VerifiedBy::PrimaryToken, 4)).await;
        assert_eq!(seen_of_one(world, VerifiedBy::PrimaryToken).await, None);
        assert_eq!(seen_of_one(world, NEXT).await, Some(samples::at(3)));
    }
}
