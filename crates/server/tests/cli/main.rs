//! The command line from outside: the built program, on SQLite and on Postgres.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says at which line it has failed")]

mod house;

mod accounts;
mod agents;
mod databases;
mod doctor;
mod imports;
mod keys;
mod numbers;
mod routes;
mod simulation;
