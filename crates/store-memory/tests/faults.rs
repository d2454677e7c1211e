//! Faults that tests inject.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::ports::{
    Acquisition, ChangeStore, LeaseHolder, LeaseName, LeaseStore, Retry, StoreError,
};
use switchboard_store_memory::{Fault, MemoryStore};
use tokio::time::{Instant, timeout};

const ACQUIRE: &str = "lease.acquire";

const LEASE: LeaseName = LeaseName::Retention;

/// Acquires a lease for a holder, and returns whether it got the lease.
async fn acquire_as(store: &MemoryStore, holder: &str, seconds: u64) -> Result<bool, StoreError> {
    let duration = Duration::from_secs(seconds);
    let acquisition = store.acquire(LEASE, &LeaseHolder::named(holder), duration).await?;
    Ok(acquisition == Acquisition::Acquired)
}

async fn acquire(store: &MemoryStore) -> Result<bool, StoreError> {
    acquire_as(store, "holder", 60).await
}

#[tokio::test]
async fn the_requests_of_an_operation_that_were_chosen_fail_and_change_nothing() {
    let store = MemoryStore::new();
    store.fail_after(ACQUIRE, 1, 2, Fault::Failed);
    assert!(acquire(&store).await.unwrap());
    for _ in 0..2 {
        assert_eq!(acquire(&store).await.unwrap_err().retry(), Retry::Never);
        store.release(LEASE, &LeaseHolder::named("holder")).await.unwrap();
        assert!(acquire_as(&store.separate_faults(), "other", 0).await.unwrap());
    }
    assert!(acquire(&store).await.unwrap());
    assert_eq!((store.requests_of(ACQUIRE), store.requests()), (4, 6));
}

#[tokio::test]
async fn every_operation_fails_until_the_store_recovers() {
    let store = MemoryStore::new();
    let faults = store.separate_faults();
    faults.fail_every(Fault::Unavailable);
    for _ in 0..3 {
        assert_eq!(acquire(&faults).await.unwrap_err().retry(), Retry::Later);
        assert_eq!(faults.version().await.unwrap_err().retry(), Retry::Later);
    }
    assert!(acquire(&store).await.unwrap());
    faults.recover();
    assert!(acquire(&faults).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_operation_is_delayed_or_hangs() {
    let store = MemoryStore::new();
    store.fail_next(ACQUIRE, 1, Fault::Delay(Duration::from_secs(7)));
    store.fail_next(ACQUIRE, 1, Fault::Hang);
    let begun = Instant::now();
    assert!(acquire(&store).await.unwrap());
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
    assert!(timeout(Duration::from_secs(3_600), acquire(&store)).await.is_err());
    assert!(acquire(&store).await.unwrap());
}

#[tokio::test]
async fn an_operation_waits_until_it_is_resumed() {
    let store = Arc::new(MemoryStore::new());
    let pause = store.pause(ACQUIRE);
    let ask = || {
        let store = Arc::clone(&store);
        tokio::spawn(async move { acquire(&store).await.unwrap() })
    };
    let waiting = ask();
    pause.reached().await;
    assert!(acquire_as(&store.separate_faults(), "other", 60).await.unwrap());
    pause.resume();
    assert!(!waiting.await.unwrap());
    let waiting = ask();
    pause.reached().await;
    drop(pause);
    assert!(!waiting.await.unwrap());
    assert!(!ask().await.unwrap());
}
