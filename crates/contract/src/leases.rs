//! The laws of [`LeaseStore`](switchboard_domain::ports::LeaseStore).
//!
//! A lease of zero seconds expires at once, so the laws do not have to wait.

use crate::Fixture;
use crate::concurrent::at_once;
use crate::prelude::*;
use std::time::Duration;

const CHECK: LeaseName = LeaseName::WebhookCheck;
const RETENTION: LeaseName = LeaseName::Retention;
const MINUTE: Duration = Duration::from_secs(60);
/// The longest duration that a store has to support: more than a century.
const CENTURY: Duration = Duration::from_secs(u32::MAX as u64);

/// Acquires a lease for a holder, and returns whether it got the lease.
async fn acquired(fixture: &Fixture, name: LeaseName, holder: &str, duration: Duration) -> bool {
    let acquisition = fixture.leases().acquire(name, &LeaseHolder::named(holder), duration).await;
    acquisition.unwrap() == Acquisition::Acquired
}

async fn release(fixture: &Fixture, name: LeaseName, holder: &str) {
    fixture.leases().release(name, &LeaseHolder::named(holder)).await.unwrap();
}

fn rotation(n: u32) -> LeaseName {
    LeaseName::TokenRotation(crate::samples::account_sid(n))
}

/// The number of concurrent tasks, each with its own holder, that acquire a lease.
async fn winners(fixture: &Fixture, name: LeaseName) -> usize {
    let results = at_once(|n| {
        let store = fixture.store();
        let holder = LeaseHolder::named(format!("holder {n}"));
        async move { store.leases().acquire(name, &holder, MINUTE).await.unwrap() }
    });
    results.await.into_iter().filter(|result| *result == Acquisition::Acquired).count()
}

#[laws(leases::lease_laws)]
pub mod laws {
    use super::*;

    /// While a holder has a lease, no other holder can acquire it.
    pub async fn a_lease_that_is_held_is_not_given_to_another(fixture: &Fixture) {
        assert!(acquired(fixture, CHECK, "one", MINUTE).await);
        assert!(!acquired(fixture, CHECK, "two", MINUTE).await);
        assert!(!acquired(fixture, CHECK, "two", Duration::ZERO).await);
    }

    /// Leases with different names are independent. The name of a holder can be any text.
    pub async fn leases_of_other_names_are_free(fixture: &Fixture) {
        let number = |n| LeaseName::NumberConfiguration(crate::samples::sender(n));
        let names = [CHECK, RETENTION, rotation(1), rotation(2), rotation(3), number(1), number(2)];
        let holders = ["one", "One", "one ", "", crate::samples::UNICODE, "one", "one"];
        for (name, holder) in names.into_iter().zip(holders) {
            assert!(acquired(fixture, name, holder, MINUTE).await, "{name}");
            assert!(acquired(fixture, name, holder, MINUTE).await, "{name}: a renewal");
            assert!(!acquired(fixture, name, "another", MINUTE).await, "{name}");
        }
    }

    /// An expired lease can be acquired by another holder.
    pub async fn a_lease_that_has_run_out_is_given_to_another(fixture: &Fixture) {
        assert!(acquired(fixture, CHECK, "one", Duration::ZERO).await);
        assert!(acquired(fixture, CHECK, "two", MINUTE).await);
        assert!(!acquired(fixture, CHECK, "one", MINUTE).await);
    }

    /// The holder of a lease can renew it for a longer or shorter time, even after it has expired.
    pub async fn a_lease_runs_as_long_as_it_was_renewed_for(fixture: &Fixture) {
        assert!(acquired(fixture, CHECK, "one", Duration::ZERO).await);
        assert!(acquired(fixture, CHECK, "one", MINUTE).await);
        assert!(!acquired(fixture, CHECK, "two", MINUTE).await);
        assert!(acquired(fixture, CHECK, "one", Duration::ZERO).await);
        assert!(acquired(fixture, CHECK, "two", CENTURY).await);
        assert!(!acquired(fixture, CHECK, "one", MINUTE).await);
    }

    /// A released lease can be acquired at once.
    pub async fn a_lease_that_was_given_back_is_free(fixture: &Fixture) {
        assert!(acquired(fixture, CHECK, "one", MINUTE).await);
        assert!(acquired(fixture, RETENTION, "one", MINUTE).await);
        release(fixture, CHECK, "one").await;
        assert!(acquired(fixture, CHECK, "two", MINUTE).await);
        assert!(!acquired(fixture, RETENTION, "two", MINUTE).await);
    }

    /// Only the current holder can release a lease.
    pub async fn a_lease_is_given_back_by_its_holder_only(fixture: &Fixture) {
        release(fixture, CHECK, "nobody").await;
        assert!(acquired(fixture, CHECK, "one", Duration::ZERO).await);
        assert!(acquired(fixture, CHECK, "two", MINUTE).await);
        release(fixture, CHECK, "one").await;
        assert!(!acquired(fixture, CHECK, "three", MINUTE).await);
    }

    /// If many holders acquire a lease at the same time, exactly one gets it, whether it is new,
    /// expired or released.
    pub async fn a_lease_is_given_to_one_of_many_that_come_at_once(fixture: &Fixture) {
        assert_eq!(winners(fixture, CHECK).await, 1);
        assert!(acquired(fixture, RETENTION, "somebody", Duration::ZERO).await);
        assert_eq!(winners(fixture, RETENTION).await, 1);
        assert!(acquired(fixture, rotation(1), "somebody", MINUTE).await);
        release(fixture, rotation(1), "somebody").await;
        assert_eq!(winners(fixture, rotation(1)).await, 1);
        assert_eq!(winners(fixture, rotation(1)).await, 1, "its holder renews it, and nobody else");
    }
}
