//! The Postgres and SQLite stores of switchboard.
//!
//! Each query is written once, in `queries`, and compiled twice: the modules `postgres` and
//! `sqlite` both include that folder. Each of them defines, under the same names, what differs
//! between the databases: the connection and its backend, the type of timestamps, how a transaction
//! begins, how many rows are written at once, and what an error means. The two modules have the
//! same files. Postgres has four more: one for TLS, one for connections that must not send a
//! password in clear text, one that wakes the workers of other processes, and one for statements
//! that write a message with what belongs to it. SQLite has one more: its statements run on threads
//! for blocking work.
//!
//! ```text
//! queries/   one file for each port, and schema (the tables)
//! postgres/  dialect  upsert  update  connect  session  classify  group_commit  migrate  tls  guarded  wake_ups
//!            message_statements
//! sqlite/    dialect  upsert  update  connect  session  classify  group_commit  migrate  blocking
//! ```
//!
//! `session_methods` and `upsert_statements` contain what the files `session` and `upsert` of both
//! modules have in common.
//!
//! `archive` lists the tables and columns of the configuration, which `queries/archive.rs` reads and writes as a whole, for
//! exports that bring it to another database.
//!
//! A third module, `prisma`, reads the database of the legacy system without changing it.
//!
//! Invariants: only `queries`, `archive` and `prisma` name columns. A row becomes a domain
//! value here, or an error that names table, column and key; a list leaves such a row out. Every
//! operation has a timeout. No error, `Debug` output or log line contains a password or a whole
//! phone number.
#![warn(missing_docs)]
#![expect(
    clippy::duplicate_mod,
    reason = "the queries are compiled once for each database, which is the point of this crate"
)]

#[macro_use]
mod session_methods;
#[macro_use]
mod upsert_statements;

mod archive;
mod database_url;
mod decode;
mod failure;
mod json;
mod postgres;
mod prisma;
mod readiness;
mod sqlite;
mod unreadable;

pub use archive::archived_tables;
pub use database_url::{DatabaseUrl, DatabaseUrlError, PostgresUrl};
pub use postgres::{PostgresOptions, PostgresStore};
pub use prisma::{
    AccountMap, AgentMap, Column, NumberMap, PrismaDatabase, PrismaError, PrismaMap,
    PrismaMapError, PrismaUrl,
};
pub use readiness::{DatabaseOpenError, Migrated, Missing, SchemaState};
pub use sqlite::{SqliteOptions, SqliteStore};
