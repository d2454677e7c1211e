//! A stored value that cannot be read is an error that names table, column and key, and shows no phone number. Only a
//! change that cannot be read becomes one of everything.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod database;
mod plans;
#[path = "../fixtures/postgres.rs"]
mod postgres_fixture;
mod rows;
#[path = "../fixtures/sqlite.rs"]
mod sqlite_fixture;
