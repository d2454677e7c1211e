//! The laws of [`RejectionStore`](switchboard_domain::ports::RejectionStore).

use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// Lists every rejection in a scope.
async fn listed(fixture: &Fixture, scope: &Scope) -> Vec<Rejection> {
    fixture.rejections().list(scope, &Page::first(2_000)).await.unwrap()
}

#[laws(rejections::rejection_laws)]
pub mod laws {
    use super::*;

    /// Every value of a rejection is stored exactly, for every endpoint and reason, with the time
    /// to the microsecond.
    pub async fn a_rejection_is_listed_as_it_was_recorded(fixture: &Fixture) {
        let reasons = Endpoint::ALL
            .into_iter()
            .flat_map(|endpoint| Refusal::ALL.map(|refusal| (endpoint, refusal)));
        let rejections: Vec<_> = (1..)
            .zip(reasons)
            .map(|(n, (endpoint, refusal))| Rejection {
                endpoint,
                refusal,
                ..samples::rejection(n, Some(&fixture.ours))
            })
            .collect();
        fixture.rejections().record(&rejections).await.unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, rejections);
    }

    /// Unknown values of a rejection stay unknown, and the maximum count is stored exactly.
    pub async fn a_rejection_of_which_little_is_known_is_listed_as_it_was_recorded(
        fixture: &Fixture,
    ) {
        let rejection = Rejection {
            account: None,
            near_miss: None,
            sample: None,
            count: u32::MAX,
            ..samples::rejection(1, None)
        };
        fixture.rejections().record(std::slice::from_ref(&rejection)).await.unwrap();
        assert_eq!(listed(fixture, &samples::operator()).await, [rejection]);
    }

    /// Recording no rejections succeeds.
    pub async fn no_rejections_are_recorded(fixture: &Fixture) {
        fixture.rejections().record(&[]).await.unwrap();
        assert_eq!(listed(fixture, &samples::operator()).await, []);
    }

    /// A thousand rejections can be recorded in one batch.
    pub async fn a_batch_of_a_thousand_rejections_is_recorded(fixture: &Fixture) {
        let rejections: Vec<_> =
            (1..=1_000).map(|n| samples::rejection(n, Some(&fixture.ours))).collect();
        fixture.rejections().record(&rejections).await.unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, rejections);
    }

    /// An organization lists only its own rejections. Only the operator sees rejections of unknown
    /// accounts.
    pub async fn rejections_of_others_and_of_unknown_accounts_are_not_listed(fixture: &Fixture) {
        let mine = samples::rejection(2, Some(&fixture.ours));
        let theirs = samples::rejection(1, Some(&fixture.theirs));
        let of_nobody = samples::rejection(3, None);
        fixture
            .rejections()
            .record(&[mine.clone(), theirs.clone(), of_nobody.clone()])
            .await
            .unwrap();
        assert_eq!(listed(fixture, &fixture.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(fixture, &fixture.them).await, std::slice::from_ref(&theirs));
        assert_eq!(listed(fixture, &samples::operator()).await, [theirs, mine, of_nobody]);
    }

    /// Pages of any size return each rejection once, ordered by id.
    pub async fn pages_of_rejections_follow_each_other(fixture: &Fixture) {
        let expected: Vec<_> =
            (1..=5).map(|n| samples::rejection(n, Some(&fixture.ours))).collect();
        let mut recorded = expected.clone();
        recorded.extend((101..=105).map(|n| samples::rejection(n, Some(&fixture.theirs))));
        recorded.reverse();
        fixture.rejections().record(&recorded).await.unwrap();
        let list = async |page| fixture.rejections().list(&fixture.us, &page).await;
        pages::hold(&expected, |rejection| rejection.id.clone(), list).await;
    }
}
