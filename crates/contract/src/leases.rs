//! The laws of [`LeaseStore`](switchboard_domain::ports::LeaseStore).
//!
//! A lease of no seconds is over when it is taken, so nothing here waits for time to pass.

use std::sync::Arc;

use crate::World;
use crate::crowd::at_once;

const MINUTE: u32 = 60;

/// Whether a holder got a lease.
async fn acquired(world: &World, name: &str, holder: &str, seconds: u32) -> bool {
    world.leases.acquire(name, holder, seconds).await.unwrap()
}

/// How many of a crowd, each a holder of its own, get a lease at once.
async fn winners(world: &World, name: &'static str) -> usize {
    let results = at_once(|n| {
        let leases = Arc::clone(&world.leases);
        async move { leases.acquire(name, &format!("holder {n}"), MINUTE).await.unwrap() }
    });
    results.await.into_iter().filter(|acquired| *acquired).count()
}

laws! {
    $
    /// Stamps the laws of `LeaseStore` on a harness.
    lease_laws in leases;

    /// While one holds a lease, nobody else gets it.
    async fn a_lease_that_is_held_is_not_given_to_another(world: &World) {
        assert!(acquired(world, "check", "one", MINUTE).await);
        assert!(!acquired(world, "check", "two", MINUTE).await);
        assert!(!acquired(world, "check", "two", 0).await);
    }

    /// Leases of other names are other leases; names and holders may be any text.
    async fn leases_of_other_names_are_free(world: &World) {
        for name in ["check", "Check", "check ", "", crate::samples::UNICODE] {
            assert!(acquired(world, name, name, MINUTE).await, "{name:?}");
            assert!(!acquired(world, name, "somebody", MINUTE).await, "{name:?}");
        }
    }

    /// What is over is free.
    async fn a_lease_that_has_run_out_is_given_to_another(world: &World) {
        assert!(acquired(world, "check", "one", 0).await);
        assert!(acquired(world, "check", "two", MINUTE).await);
        assert!(!acquired(world, "check", "one", MINUTE).await);
    }

    /// Whoever holds a lease can renew it, for longer and for shorter, and also when it is over.
    async fn a_lease_runs_as_long_as_it_was_renewed_for(world: &World) {
        assert!(acquired(world, "check", "one", 0).await);
        assert!(acquired(world, "check", "one", MINUTE).await);
        assert!(!acquired(world, "check", "two", MINUTE).await);
        assert!(acquired(world, "check", "one", 0).await);
        assert!(acquired(world, "check", "two", u32::MAX).await);
        assert!(!acquired(world, "check", "one", MINUTE).await);
    }

    /// What was given back is free at once.
    async fn a_lease_that_was_given_back_is_free(world: &World) {
        assert!(acquired(world, "check", "one", MINUTE).await);
        assert!(acquired(world, "other", "one", MINUTE).await);
        world.leases.release("check", "one").await.unwrap();
        assert!(acquired(world, "check", "two", MINUTE).await);
        assert!(!acquired(world, "other", "two", MINUTE).await);
    }

    /// Whoever does not hold a lease, or not any more, frees nothing.
    async fn a_lease_is_given_back_by_its_holder_only(world: &World) {
        world.leases.release("check", "nobody").await.unwrap();
        assert!(acquired(world, "check", "one", 0).await);
        assert!(acquired(world, "check", "two", MINUTE).await);
        world.leases.release("check", "one").await.unwrap();
        assert!(!acquired(world, "check", "three", MINUTE).await);
    }

    /// Of many who come at once, one gets the lease: a new one, one that has run out, one that was given back.
    async fn a_lease_is_given_to_one_of_many_that_come_at_once(world: &World) {
        assert_eq!(winners(world, "new").await, 1);
        assert!(acquired(world, "over", "somebody", 0).await);
        assert_eq!(winners(world, "over").await, 1);
        assert!(acquired(world, "free", "somebody", MINUTE).await);
        world.leases.release("free", "somebody").await.unwrap();
        assert_eq!(winners(world, "free").await, 1);
        assert_eq!(winners(world, "free").await, 1, "its holder renews it, and nobody else");
    }
}
