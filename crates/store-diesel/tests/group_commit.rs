//! Messages that come at the same time share a flush to the disk, and nothing else.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "fixtures/sqlite.rs"]
mod sqlite_fixture;

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use futures_util::future::join_all;
use switchboard_contract::samples;
use switchboard_domain::message::ReceivedMessage;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{Insertion, MessageStore as _, StoreError};
use switchboard_store_diesel::{SqliteOptions, SqliteStore};

use sqlite_fixture::Fixture;

const MESSAGES: u32 = 64;

fn message(n: u32) -> ReceivedMessage {
    samples::received(n, samples::account_sid(1), &default_organization())
}

fn log_of(database: &Path) -> PathBuf {
    database.with_extension("db-wal")
}

/// How many transactions are in the write-ahead log (SQLite, "The WAL file format": the last frame of a
/// transaction holds the size of the database after it, all others hold zero).
fn transactions(database: &Path) -> usize {
    let log = fs::read(log_of(database)).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let page = number(8) as usize;
    // Frames of an earlier round through the log have another salt.
    let frames =
        (32..log.len()).step_by(24 + page).take_while(|at| log[at + 8..at + 16] == log[16..24]);
    frames.filter(|at| number(at + 4) != 0).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_concurrent_messages_take_few_transactions() {
    let fixture = Fixture::fresh().await;
    // Another transaction first: the log is begun anew when the store was opened.
    fixture.store.insert_once(&message(1_000)).await.unwrap();
    let before = transactions(&fixture.path);
    // All ask before anybody is answered, as one task polls them one after the other.
    let kept = join_all((0..MESSAGES).map(|n| {
        let store = fixture.store.clone();
        async move { store.insert_once(&message(n)).await }
    }));
    for kept in kept.await {
        assert_eq!(kept.unwrap(), Insertion::Inserted);
    }
    let took = transactions(&fixture.path) - before;
    assert!((1..=8).contains(&took), "{MESSAGES} messages took {took} transactions");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_in_the_files_of_a_process_that_is_gone() {
    let fixture = Fixture::fresh().await;
    let kept = join_all((0..MESSAGES).map(|n| {
        let store = fixture.store.clone();
        async move { store.insert_once(&message(n)).await }
    }));
    assert!(kept.await.into_iter().all(|kept| kept.is_ok()));
    // What another process finds after a crash: database and log as they are now, and no memory shared.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("switchboard.db");
    fs::copy(&fixture.path, &copy).unwrap();
    fs::copy(log_of(&fixture.path), log_of(&copy)).unwrap();
    let store = SqliteStore::open(&copy, &SqliteOptions::default()).await.unwrap();
    for n in 0..MESSAGES {
        let found = store
            .find(&samples::operator(), samples::account_sid(1), samples::message_sid(n))
            .await;
        assert!(found.unwrap().is_some(), "message {n} is lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_kept_takes_no_other_with_it() {
    let fixture = Fixture::fresh().await;
    let refusal = format!(
        "CREATE TRIGGER refusal BEFORE INSERT ON messages WHEN new.sid = '{}' \
         BEGIN SELECT RAISE(ABORT, 'not this one'); END",
        samples::message_sid(13)
    );
    fixture.connect().batch_execute(&refusal).unwrap();
    let kept = join_all((0..MESSAGES).map(|n| {
        let store = fixture.store.clone();
        async move { store.insert_once(&message(n)).await }
    }));
    for (n, kept) in kept.await.into_iter().enumerate() {
        match kept {
            Ok(kept) => assert_eq!((kept, n != 13), (Insertion::Inserted, true)),
            Err(error) => {
                assert!(n == 13 && matches!(error, StoreError::Failed { .. }), "{n}: {error:?}");
            }
        }
    }
    for n in 0..MESSAGES {
        let found = fixture
            .store
            .find(&samples::operator(), samples::account_sid(1), samples::message_sid(n))
            .await;
        assert_eq!(found.unwrap().is_some(), n != 13, "message {n}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_many_times_at_once_is_new_once() {
    let fixture = Fixture::fresh().await;
    let kept = join_all((0..MESSAGES).map(|_| {
        let store = fixture.store.clone();
        async move { store.insert_once(&message(1)).await.unwrap() }
    }));
    let new = kept.await.into_iter().filter(|kept| *kept == Insertion::Inserted).count();
    assert_eq!(new, 1);
}
