//! The laws of [`LeaseStore`](switchboard_domain::ports::LeaseStore).
//!
//! A lease of no seconds is over when it is taken, so nothing here waits for time to pass.

use crate::Fixture;
use crate::concurrent::at_once;
use crate::prelude::*;

const MINUTE: u32 = 60;

/// Whether a holder got a lease.
async fn acquired(fixture: &Fixture, name: &str, holder: &str, seconds: u32) -> bool {
    fixture.leases().acquire(name, holder, seconds).await.unwrap()
}

/// How many concurrent tasks, each with its own holder, get a lease at once.
async fn winners(fixture: &Fixture, name: &'static str) -> usize {
    let results = at_once(|n| {
        let store = fixture.store();
        async move { store.leases().acquire(name, &format!("holder {n}"), MINUTE).await.unwrap() }
    });
    results.await.into_iter().filter(|acquired| *acquired).count()
}

#[laws(leases::lease_laws)]
pub mod laws {
    use super::*;

    /// While one holds a lease, nobody else gets it.
    pub async fn a_lease_that_is_held_is_not_given_to_another(fixture: &Fixture) {
        assert!(acquired(fixture, "check", "one", MINUTE).await);
        assert!(!acquired(fixture, "check", "two", MINUTE).await);
        assert!(!acquired(fixture, "check", "two", 0).await);
    }

    /// Leases of other names are other leases; names and holders may be any text.
    pub async fn leases_of_other_names_are_free(fixture: &Fixture) {
        for name in ["check", "Check", "check ", "", crate::samples::UNICODE] {
            assert!(acquired(fixture, name, name, MINUTE).await, "{name:?}");
            assert!(!acquired(fixture, name, "somebody", MINUTE).await, "{name:?}");
        }
    }

    /// What is over is free.
    pub async fn a_lease_that_has_run_out_is_given_to_another(fixture: &Fixture) {
        assert!(acquired(fixture, "check", "one", 0).await);
        assert!(acquired(fixture, "check", "two", MINUTE).await);
        assert!(!acquired(fixture, "check", "one", MINUTE).await);
    }

    /// Whoever holds a lease can renew it, for longer and for shorter, and also when it is over.
    pub async fn a_lease_runs_as_long_as_it_was_renewed_for(fixture: &Fixture) {
        assert!(acquired(fixture, "check", "one", 0).await);
        assert!(acquired(fixture, "check", "one", MINUTE).await);
        assert!(!acquired(fixture, "check", "two", MINUTE).await);
        assert!(acquired(fixture, "check", "one", 0).await);
        assert!(acquired(fixture, "check", "two", u32::MAX).await);
        assert!(!acquired(fixture, "check", "one", MINUTE).await);
    }

    /// What was given back is free at once.
    pub async fn a_lease_that_was_given_back_is_free(fixture: &Fixture) {
        assert!(acquired(fixture, "check", "one", MINUTE).await);
        assert!(acquired(fixture, "other", "one", MINUTE).await);
        fixture.leases().release("check", "one").await.unwrap();
        assert!(acquired(fixture, "check", "two", MINUTE).await);
        assert!(!acquired(fixture, "other", "two", MINUTE).await);
    }

    /// Whoever does not hold a lease, or not any more, frees nothing.
    pub async fn a_lease_is_given_back_by_its_holder_only(fixture: &Fixture) {
        fixture.leases().release("check", "nobody").await.unwrap();
        assert!(acquired(fixture, "check", "one", 0).await);
        assert!(acquired(fixture, "check", "two", MINUTE).await);
        fixture.leases().release("check", "one").await.unwrap();
        assert!(!acquired(fixture, "check", "three", MINUTE).await);
    }

    /// Of many who come at once, one gets the lease: a new one, one that has run out, one that was given back.
    pub async fn a_lease_is_given_to_one_of_many_that_come_at_once(fixture: &Fixture) {
        assert_eq!(winners(fixture, "new").await, 1);
        assert!(acquired(fixture, "over", "somebody", 0).await);
        assert_eq!(winners(fixture, "over").await, 1);
        assert!(acquired(fixture, "free", "somebody", MINUTE).await);
        fixture.leases().release("free", "somebody").await.unwrap();
        assert_eq!(winners(fixture, "free").await, 1);
        assert_eq!(winners(fixture, "free").await, 1, "its holder renews it, and nobody else");
    }
}
