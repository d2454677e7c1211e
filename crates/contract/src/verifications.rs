//! The laws of [`VerificationStore`](switchboard_domain::ports::VerificationStore).

use crate::prelude::*;
use crate::{Fixture, samples};

const NEXT: VerifiedBy = VerifiedBy::NextToken;

/// Every kind of verification.
fn all() -> impl Iterator<Item = VerifiedBy> {
    let checked = [
        VerifiedBy::PrimaryToken,
        VerifiedBy::NextToken,
        VerifiedBy::OwnerToken,
        VerifiedBy::Unchecked,
    ];
    checked.into_iter().chain(Refusal::ALL.map(VerifiedBy::Reported))
}

/// A call of account 1 that was decided in this second.
fn call(fixture: &Fixture, n: u32, verified_by: VerifiedBy, second: i64) -> CallRecord {
    let usual = samples::call(n, samples::account_sid(1), &fixture.ours);
    let decision = CallDecision {
        rule: None,
        agent: None,
        reason: switchboard_domain::routing::Reason::Unassigned,
        verified_by,
        at: samples::at(second),
    };
    CallRecord { decision: Some(decision), ..usual }
}

/// A message to account 1 that was received in this second.
fn message(fixture: &Fixture, n: u32, verified_by: VerifiedBy, second: i64) -> ReceivedMessage {
    let usual = samples::received(n, samples::account_sid(1), &fixture.ours);
    ReceivedMessage { verified_by, received_at: samples::at(second), ..usual }
}

async fn record(fixture: &Fixture, calls: &[CallRecord]) {
    fixture.calls().record(calls).await.unwrap();
}

async fn insert(fixture: &Fixture, message: &ReceivedMessage) {
    fixture.messages().insert_once(message).await.unwrap();
}

async fn seen(
    fixture: &Fixture,
    account: AccountSid,
    verified_by: VerifiedBy,
) -> Option<Timestamp> {
    fixture.verifications().last_seen(account, verified_by).await.unwrap()
}

/// When a request of account 1 was last accepted by this verification.
async fn seen_of_one(fixture: &Fixture, verified_by: VerifiedBy) -> Option<Timestamp> {
    seen(fixture, samples::account_sid(1), verified_by).await
}

#[laws(verifications::verification_laws)]
pub mod laws {
    use super::*;

    /// An account without calls and messages has no last request.
    pub async fn an_account_that_nobody_wrote_to_was_not_seen(fixture: &Fixture) {
        for verified_by in all() {
            assert_eq!(seen_of_one(fixture, verified_by).await, None);
        }
    }

    /// The kinds of verification are distinguished, for calls and messages, with the time to the
    /// microsecond.
    pub async fn every_evidence_is_seen_by_itself(fixture: &Fixture) {
        for (n, verified_by) in (1..).zip(all()) {
            assert_eq!(seen_of_one(fixture, verified_by).await, None);
            record(fixture, &[call(fixture, n, verified_by, n.into())]).await;
            assert_eq!(seen_of_one(fixture, verified_by).await, Some(samples::at(n.into())));
            insert(fixture, &message(fixture, n, verified_by, i64::from(n) + 1_000)).await;
            assert_eq!(
                seen_of_one(fixture, verified_by).await,
                Some(samples::at(i64::from(n) + 1_000))
            );
        }
    }

    /// The latest request counts, in whatever order the requests are recorded.
    pub async fn the_last_of_many_is_returned(fixture: &Fixture) {
        let calls =
            [5, 9, 2].map(|second| call(fixture, u32::try_from(second).unwrap(), NEXT, second));
        record(fixture, &calls).await;
        assert_eq!(seen_of_one(fixture, NEXT).await, Some(samples::at(9)));
        for (n, second) in (1..).zip([7, 12, 3]) {
            insert(fixture, &message(fixture, n, NEXT, second)).await;
        }
        assert_eq!(seen_of_one(fixture, NEXT).await, Some(samples::at(12)));
        record(fixture, &[call(fixture, 100, NEXT, 13)]).await;
        assert_eq!(seen_of_one(fixture, NEXT).await, Some(samples::at(13)));
    }

    /// Calls and messages of another account do not count.
    pub async fn what_came_to_another_account_does_not_count(fixture: &Fixture) {
        let other = samples::account_sid(2);
        let call = CallRecord { account: other, ..call(fixture, 1, NEXT, 1) };
        record(fixture, std::slice::from_ref(&call)).await;
        insert(fixture, &ReceivedMessage { account: other, ..message(fixture, 1, NEXT, 2) }).await;
        assert_eq!(seen_of_one(fixture, NEXT).await, None);
        assert_eq!(seen(fixture, other, NEXT).await, Some(samples::at(2)));
    }

    /// A call without a decision and a message of which only a status is known do not count.
    pub async fn what_was_only_heard_of_does_not_count(fixture: &Fixture) {
        let call = CallRecord { decision: None, ..call(fixture, 1, NEXT, 1) };
        record(fixture, &[call]).await;
        let account = samples::account_sid(1);
        let reported = samples::progress(1, account, &fixture.ours, MessageStatus::Delivered, 1);
        fixture.messages().progress(&reported).await.unwrap();
        for verified_by in all() {
            assert_eq!(seen_of_one(fixture, verified_by).await, None);
        }
        insert(fixture, &message(fixture, 1, NEXT, 2)).await;
        assert_eq!(seen_of_one(fixture, NEXT).await, Some(samples::at(2)));
    }

    /// For a repeated call, the first decision counts. For a repeated message, the first delivery
    /// counts.
    pub async fn what_comes_again_counts_as_it_came_first(fixture: &Fixture) {
        record(fixture, &[call(fixture, 1, NEXT, 1)]).await;
        record(fixture, &[call(fixture, 1, VerifiedBy::PrimaryToken, 2)]).await;
        insert(fixture, &message(fixture, 1, NEXT, 3)).await;
        insert(fixture, &message(fixture, 1, VerifiedBy::PrimaryToken, 4)).await;
        assert_eq!(seen_of_one(fixture, VerifiedBy::PrimaryToken).await, None);
        assert_eq!(seen_of_one(fixture, NEXT).await, Some(samples::at(3)));
    }
}
