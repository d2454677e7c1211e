//! The command line from outside: the built program, on SQLite and on Postgres.

mod accounts;
mod agents;
mod databases;
mod doctor;
mod imports;
mod keys;
mod numbers;
mod routes;
mod simulation;
