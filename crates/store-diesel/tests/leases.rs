//! Leases run by the clock of the database, whatever the clock of this program says.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "fixtures/postgres.rs"]
mod postgres_fixture;
#[path = "fixtures/sqlite.rs"]
mod sqlite_fixture;

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use switchboard_domain::ports::{Acquisition, LeaseHolder, LeaseName, LeaseStore};
use switchboard_store_diesel::{PostgresOptions, PostgresStore, PostgresUrl};

/// A function of another user that would put the server two hours ahead, if names were looked up in its schema first.
const SHADOWED: &str = "
    CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT pg_catalog.clock_timestamp() + interval '2 hours' $$;
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
    END $$;
";

/// Acquires a lease for an hour.
async fn acquire(store: &dyn LeaseStore, holder: &str) -> Acquisition {
    let holder = LeaseHolder::named(holder);
    store.acquire(LeaseName::WebhookCheck, &holder, Duration::from_secs(60 * 60)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_runs_out_by_the_clock_of_the_server() {
    let fixture = postgres_fixture::Fixture::fresh().await;
    assert_eq!(acquire(&fixture.store, "one").await, Acquisition::Acquired);
    let hour = "SELECT expires_at BETWEEN clock_timestamp() + interval '3590 seconds' \
                AND clock_timestamp() + interval '3601 seconds' FROM leases";
    let client = fixture.connect().await;
    assert!(client.query_one(hour, &[]).await.unwrap().get::<_, bool>(0));
    client.batch_execute("UPDATE leases SET expires_at = clock_timestamp()").await.unwrap();
    assert_eq!(acquire(&fixture.store, "two").await, Acquisition::Acquired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_of_another_user_does_not_take_the_place_of_the_servers_own() {
    let fixture = postgres_fixture::Fixture::fresh().await;
    assert_eq!(acquire(&fixture.store, "one").await, Acquisition::Acquired);
    fixture.connect().await.batch_execute(SHADOWED).await.unwrap();
    let url = PostgresUrl::parse(&fixture.database.url).unwrap();
    let later = PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap();
    assert_eq!(acquire(&later, "two").await, Acquisition::HeldByAnother);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_lies_in_the_file_by_its_own_time() {
    let fixture = sqlite_fixture::Fixture::fresh().await;
    assert_eq!(acquire(&fixture.store, "one").await, Acquisition::Acquired);
    fixture
        .connect()
        .batch_execute(
            "CREATE TABLE reported (hour INTEGER CHECK (hour = 1)) STRICT;
             INSERT INTO reported SELECT expires_at BETWEEN (unixepoch() + 3590) * 1000000
                AND (unixepoch() + 3601) * 1000000 FROM leases;
             UPDATE leases SET expires_at = unixepoch() * 1000000;",
        )
        .unwrap();
    assert_eq!(acquire(&fixture.store, "two").await, Acquisition::Acquired);
}
