//! Leases run by the clock of the database, whatever the clock of this program says.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "places/postgres.rs"]
mod postgres_place;
#[path = "places/sqlite.rs"]
mod sqlite_place;

use diesel::connection::SimpleConnection as _;
use switchboard_domain::ports::LeaseStore as _;
use switchboard_store_diesel::{PostgresOptions, PostgresStore, PostgresUrl};

/// From here on the server is two hours ahead, for every session that begins.
const AHEAD: &str = "
    CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT pg_catalog.clock_timestamp() + interval '2 hours' $$;
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
    END $$;
";

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_runs_out_when_the_clock_of_the_server_says_so() {
    let place = postgres_place::Place::fresh().await;
    assert!(place.store.acquire("check", "one", 60 * 60).await.unwrap());
    assert!(!place.store.acquire("check", "two", 60 * 60).await.unwrap());
    place.connect().await.batch_execute(AHEAD).await.unwrap();
    let url = PostgresUrl::parse(&place.database.url).unwrap();
    let ahead = PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap();
    assert!(ahead.acquire("check", "two", 60 * 60).await.unwrap());
    let row = "SELECT expires_at > pg_catalog.clock_timestamp() + interval '2 hours' FROM leases";
    let runs: bool = place.connect().await.query_one(row, &[]).await.unwrap().get(0);
    assert!(runs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_lies_in_the_file_by_its_own_time() {
    let place = sqlite_place::Place::fresh().await;
    assert!(place.store.acquire("check", "one", 60 * 60).await.unwrap());
    place
        .connect()
        .batch_execute(
            "CREATE TABLE told (hour INTEGER CHECK (hour = 1)) STRICT;
             INSERT INTO told SELECT expires_at BETWEEN (unixepoch() + 3590) * 1000000
                AND (unixepoch() + 3601) * 1000000 FROM leases;
             UPDATE leases SET expires_at = unixepoch() * 1000000;",
        )
        .unwrap();
    assert!(place.store.acquire("check", "two", 60 * 60).await.unwrap());
}
