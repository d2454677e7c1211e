//! The built program beside the offline Twilio simulator: numbers are given to agents, looked at, repaired and given back,
//! and calls come in. What is asserted is what the Twilio simulator has then, and what it was asked. Every test runs on
//! SQLite and on Postgres.

mod bad_input;
mod calls;
mod crash;
mod demonstration;
mod fleet;
mod foreign;
mod lifecycle;
mod phone_company;
mod reasons;
mod routing_plans;
mod schedule;
mod take_over;
