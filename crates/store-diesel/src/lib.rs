//! The stores of switchboard in Postgres and in SQLite.
//!
//! Each query is written once, in `queries`, and compiled twice: `postgres` and `sqlite` both take that
//! folder in as a module of theirs and give it the few things in which the databases differ, under the
//! same names: the connection and its backend, how an instant is kept, how a transaction begins, how many
//! rows are handed over at once, what an error means. The two folders have the same files; Postgres has
//! one more, for TLS.
//!
//! ```text
//! queries/   one file for each port, and schema (the tables)
//! postgres/  dialect  upsert  update  connect  session  classify  group_commit  migrate  tls
//! sqlite/    dialect  upsert  update  connect  session  classify  group_commit  migrate
//! ```
//!
//! `session_methods` and `upsert_statements` hold what `session` and `upsert` have in common.
//!
//! A third folder, `prisma`, reads the database of the system that users come from, and changes nothing there.
//!
//! Invariants: no SQL outside `queries` and `prisma` names a column; a row becomes a value of the domain here or is an
//! error that names table, column and key, and a list leaves it out; every operation ends by a deadline; no error, `Debug` or log
//! carries a password or a whole phone number.
#![warn(missing_docs)]
#![expect(
    clippy::duplicate_mod,
    reason = "the queries are compiled once for each database, which is the point of this crate"
)]

#[macro_use]
mod session_methods;
#[macro_use]
mod upsert_statements;

mod database_url;
mod decode;
mod failure;
mod json;
mod postgres;
mod prisma;
mod readiness;
mod sqlite;
mod unreadable;

pub use database_url::{DatabaseUrl, DatabaseUrlError, PostgresUrl};
pub use postgres::{PostgresOptions, PostgresStore};
pub use prisma::{
    AccountMap, AgentMap, Column, NumberMap, PrismaDatabase, PrismaError, PrismaMap,
    PrismaMapError, PrismaUrl,
};
pub use readiness::{Migrated, Missing, OpenError, SchemaState};
pub use sqlite::{SqliteOptions, SqliteStore};
