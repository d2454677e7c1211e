//! The database goes away, hangs, or is busy: callers are told so in time, and all is well afterwards
//! without a new store.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "fixtures/sqlite.rs"]
mod sqlite_fixture;

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use switchboard_contract::samples;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{
    AccountStore as _, CallStore as _, MessageStore, Retry, RouteStore as _, StoreError,
    StoreProbe as _,
};
use switchboard_store_diesel::{PostgresOptions, PostgresStore, PostgresUrl};
use throwaway_postgres::{Cluster, StopMode};
use tokio::runtime::Builder;
use tokio::time::timeout;

/// How much later than its deadline an operation may end on a busy machine.
const SLACK: Duration = Duration::from_secs(2);
const READ: Duration = Duration::from_secs(3);
const WRITE: Duration = Duration::from_secs(5);

async fn store(cluster: &Cluster) -> PostgresStore {
    let url = PostgresUrl::parse(&cluster.url("postgres")).unwrap();
    PostgresStore::migrate(&url).await.unwrap();
    reopened(cluster).await
}

async fn reopened(cluster: &Cluster) -> PostgresStore {
    let url = PostgresUrl::parse(&cluster.url("postgres")).unwrap();
    PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap()
}

/// Fills the pool, so that every connection of it is one that the outage breaks.
async fn use_many_connections(store: &PostgresStore) {
    let all: Vec<_> = (0..32)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.route(samples::sender(n)).await.unwrap() })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
}

#[track_caller]
fn is_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    let error = result.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(error.retry(), Retry::Later);
}

/// What an operation says, and that it says it by its deadline.
async fn in_time<T>(limit: Duration, operation: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let said = operation.await;
    assert!(begun.elapsed() < limit + SLACK, "it took {:?}", begun.elapsed());
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_used_again() {
    let cluster = Cluster::private().await;
    let store = store(&cluster).await;
    let message = samples::received(1, samples::account_sid(1), &default_organization());
    for mode in [StopMode::Fast, StopMode::Immediate] {
        use_many_connections(&store).await;
        cluster.stop(mode).await;
        is_unavailable(in_time(READ, store.route(samples::sender(1))).await);
        is_unavailable(in_time(WRITE, store.insert_once(&message)).await);
        cluster.start().await;
        use_many_connections(&store).await;
        store.insert_once(&message).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_does_not_notice_that_its_connection_was_ended() {
    let cluster = Cluster::private().await;
    let store = store(&cluster).await;
    let (client, connection) =
        tokio_postgres::connect(&cluster.url("postgres"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..20 {
        use_many_connections(&store).await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'switchboard'";
        client.batch_execute(end).await.unwrap();
        store.route(samples::sender(1)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_a_failover_left_read_only_are_thrown_away() {
    let cluster = Cluster::private().await;
    drop(store(&cluster).await);
    let (client, connection) =
        tokio_postgres::connect(&cluster.url("postgres"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let message = samples::received(1, samples::account_sid(1), &default_organization());
    let account = samples::account(1, &default_organization());
    for write_is_a_transaction in [false, true] {
        // Sessions that begin now can only read, and those that begin later can write.
        let read_only = "ALTER DATABASE postgres SET default_transaction_read_only = on";
        client.batch_execute(read_only).await.unwrap();
        let store = reopened(&cluster).await;
        use_many_connections(&store).await;
        let writable = "ALTER DATABASE postgres RESET default_transaction_read_only";
        client.batch_execute(writable).await.unwrap();
        if write_is_a_transaction {
            is_unavailable(store.add(&samples::operator(), &account).await);
        } else {
            is_unavailable(store.insert_once(&message).await);
        }
        store.insert_once(&message).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_holds_nobody_beyond_the_deadline() {
    let cluster = Cluster::private().await;
    let store = store(&cluster).await;
    use_many_connections(&store).await;
    cluster.pause().await;
    let message = samples::received(1, samples::account_sid(1), &default_organization());
    let account = samples::account(1, &default_organization());
    let operator = samples::operator();
    let (read, kept, added, probed) = tokio::join!(
        in_time(READ, store.route(samples::sender(1))),
        in_time(WRITE, store.insert_once(&message)),
        in_time(WRITE, store.add(&operator, &account)),
        in_time(READ, store.time()),
    );
    is_unavailable(read);
    is_unavailable(kept);
    is_unavailable(added);
    is_unavailable(probed);
    cluster.resume().await;
    // Everything that hung was thrown away with its connection, so nothing of it is in the way.
    use_many_connections(&store).await;
    store.insert_once(&message).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_somebody_holds_is_not_waited_for_forever() {
    let cluster = Cluster::private().await;
    let store = store(&cluster).await;
    let (client, connection) =
        tokio_postgres::connect(&cluster.url("postgres"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("BEGIN; LOCK TABLE change_counter").await.unwrap();
    let account = samples::account(1, &default_organization());
    is_unavailable(in_time(WRITE, store.add(&samples::operator(), &account)).await);
    client.batch_execute("ROLLBACK").await.unwrap();
    store.add(&samples::operator(), &account).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_flushed_whatever_the_server_forgoes() {
    let cluster = Cluster::private().await;
    let (client, connection) =
        tokio_postgres::connect(&cluster.url("postgres"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("ALTER DATABASE postgres SET synchronous_commit = off").await.unwrap();
    let store = store(&cluster).await;
    for n in 1..=20 {
        let message = samples::received(n, samples::account_sid(1), &default_organization());
        store.insert_once(&message).await.unwrap();
    }
    cluster.stop(StopMode::Immediate).await;
    cluster.start().await;
    for n in 1..=20 {
        let (account, message) = (samples::account_sid(1), samples::message_sid(n));
        let found = MessageStore::find(&store, &samples::operator(), account, message).await;
        assert!(found.unwrap().is_some(), "message {n} is lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_that_writes_for_a_moment_is_waited_for() {
    let fixture = sqlite_fixture::Fixture::fresh().await;
    let mut other = fixture.connect();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let message = samples::received(1, samples::account_sid(1), &default_organization());
    let record = samples::call(1, samples::account_sid(1), &default_organization());
    let records = [record];
    let ((), kept, recorded) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            other.batch_execute("COMMIT").unwrap();
        },
        fixture.store.insert_once(&message),
        fixture.store.record(&records),
    );
    kept.unwrap();
    recorded.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_that_writes_on_and_on_holds_nobody_beyond_the_deadline() {
    let fixture = sqlite_fixture::Fixture::fresh().await;
    let mut other = fixture.connect();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let message = samples::received(1, samples::account_sid(1), &default_organization());
    let account = samples::account(1, &default_organization());
    let operator = samples::operator();
    let (kept, added, read) = tokio::join!(
        in_time(WRITE, fixture.store.insert_once(&message)),
        in_time(WRITE, fixture.store.add(&operator, &account)),
        in_time(Duration::ZERO, fixture.store.route(samples::sender(1))),
    );
    is_unavailable(kept);
    is_unavailable(added);
    assert_eq!(read.unwrap(), None);
    other.batch_execute("COMMIT").unwrap();
    fixture.store.insert_once(&message).await.unwrap();
}

/// A web server's worker runs tasks one at a time, drops them when a client leaves, and may end before the
/// store does.
fn from_a_worker_that_ends<F: Future<Output = ()> + 'static>(
    work: impl FnOnce() -> F + Send + 'static,
) {
    let worker = std::thread::spawn(|| {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(work());
    });
    worker.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_outlives_the_runtimes_of_its_callers() {
    let cluster = Cluster::private().await;
    let postgres = store(&cluster).await;
    let fixture = sqlite_fixture::Fixture::fresh().await;
    let sqlite = fixture.store.clone();
    for n in 0..5 {
        let (postgres, sqlite) = (postgres.clone(), sqlite.clone());
        tokio::task::spawn_blocking(move || {
            from_a_worker_that_ends(move || async move {
                let message =
                    samples::received(n, samples::account_sid(1), &default_organization());
                postgres.insert_once(&message).await.unwrap();
                sqlite.insert_once(&message).await.unwrap();
                // And some that nobody waits for to the end.
                for pause in 0..20 {
                    let pause = Duration::from_micros(pause * 50);
                    let record =
                        [samples::call(n, samples::account_sid(1), &default_organization())];
                    let _left = timeout(pause, postgres.record(&record)).await;
                    let _left = timeout(pause, sqlite.record(&record)).await;
                    let _left = timeout(pause, sqlite.route(samples::sender(n))).await;
                    let _left = timeout(pause, postgres.route(samples::sender(n))).await;
                }
            });
        })
        .await
        .unwrap();
    }
    for n in 0..5 {
        let (account, message) = (samples::account_sid(1), samples::message_sid(n));
        assert!(
            MessageStore::find(&postgres, &samples::operator(), account, message)
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            MessageStore::find(&sqlite, &samples::operator(), account, message)
                .await
                .unwrap()
                .is_some()
        );
    }
}
