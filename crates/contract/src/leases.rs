//! The laws of [`LeaseStore`](switchboard_domain::ports::LeaseStore).
//!
//! A lease of zero seconds expires at once, so the laws do not have to wait.

use crate::Fixture;
use crate::concurrent::at_once;
use crate::prelude::*;

const MINUTE: u32 = 60;

/// Acquires a lease for a holder, and returns whether it got the lease.
async fn acquired(fixture: &Fixture, name: &str, holder: &str, seconds: u32) -> bool {
    fixture.leases().acquire(name, holder, seconds).await.unwrap()
}

/// The number of concurrent tasks, each with its own holder, that acquire a lease.
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

    /// While a holder has a lease, no other holder can acquire it.
    pub async fn a_lease_that_is_held_is_not_given_to_another(fixture: &Fixture) {
        assert!(acquired(fixture, "check", "one", MINUTE).await);
        assert!(!acquired(fixture, "check", "two", MINUTE).await);
        assert!(!acquired(fixture, "check", "two", 0).await);
    }

    /// Leases with different names are independent. Names and holders can be any text.
    pub async fn leases_of_other_names_are_free(fixture: &Fixture) {
        for name in ["check", "Check", "check ", "", crate::samples::UNICODE] {
            assert!(acquired(fixture, name, name, MINUTE).await, "{name:?}");
            assert!(!acquired(fixture, name, "somebody", MINUTE).await, "{name:?}");
        }
    }

    /// An expired lease can be acquired by another holder.
    pub async fn a_lease_that_has_run_out_is_given_to_another(fixture: &Fixture) {
        assert!(acquired(fixture, "check", "one", 0).await);
        assert!(acquired(fixture, "check", "two", MINUTE).await);
        assert!(!acquired(fixture, "check", "one", MINUTE).await);
    }

    /// The holder of a lease can renew it for a longer or shorter time, even after it has expired.
    pub async fn a_lease_runs_as_long_as_it_was_renewed_for(fixture: &Fixture) {
        assert!(acquired(fixture, "check", "one", 0).await);
        assert!(acquired(fixture, "check", "one", MINUTE).await);
        assert!(!acquired(fixture, "check", "two", MINUTE).await);
        assert!(acquired(fixture, "check", "one", 0).await);
        assert!(acquired(fixture, "check", "two", u32::MAX).await);
        assert!(!acquired(fixture, "check", "one", MINUTE).await);
    }

    /// A released lease can be acquired at once.
    pub async fn a_lease_that_was_given_back_is_free(fixture: &Fixture) {
        assert!(acquired(fixture, "check", "one", MINUTE).await);
        assert!(acquired(fixture, "other", "one", MINUTE).await);
        fixture.leases().release("check", "one").await.unwrap();
        assert!(acquired(fixture, "check", "two", MINUTE).await);
        assert!(!acquired(fixture, "other", "two", MINUTE).await);
    }

    /// Only the current holder can release a lease.
    pub async fn a_lease_is_given_back_by_its_holder_only(fixture: &Fixture) {
        fixture.leases().release("check", "nobody").await.unwrap();
        assert!(acquired(fixture, "check", "one", 0).await);
        assert!(acquired(fixture, "check", "two", MINUTE).await);
        fixture.leases().release("check", "one").await.unwrap();
        assert!(!acquired(fixture, "check", "three", MINUTE).await);
    }

    /// If many holders acquire a lease at the same time, exactly one gets it, whether it is new,
    /// expired or released.
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
