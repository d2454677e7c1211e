//! The admin API: keys, objects, problems, and the boundary between organizations.

mod account_changes;
mod agents;
mod api;
mod assignments;
mod audit;
mod document;
mod explanations;
mod foreign_changes;
mod generated;
mod histories;
mod key_changes;
mod keys;
mod materials;
mod numbers;
mod objects;
mod organizations;
mod plan_trials;
mod plans;
mod preconditions;
mod problems;
pub(crate) mod records;
mod senders;
mod sending;
mod sources;
mod subscriptions;
mod tenancy;
mod validations;
