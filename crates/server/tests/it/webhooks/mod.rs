//! The running server: webhooks, sessions, metrics, its log, signals, crashes and outages of the database.

mod bad_input;
mod changes;
mod contacts;
mod corrupt;
mod crash;
mod foreign_numbers;
mod hundred_accounts;
mod log_lines;
mod messages;
mod operations;
mod outage;
mod refusals;
mod sdks;
mod secrecy;
mod sessions;
mod slow_clients;
mod sources;
mod starting;
mod statuses;
mod stopping;
mod synced;
mod unreadable_requests;
mod validations;
mod voice;
