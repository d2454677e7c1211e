//! The commands: output, exit codes and errors.

mod accounts;
mod agents;
mod confirmations;
mod databases;
mod doctor;
mod erasure;
mod errors;
mod events;
mod histories;
mod imports;
mod keys;
mod numbers;
mod organizations;
mod plan_problems;
mod quick_start;
mod remote;
mod remote_changes;
mod remote_messages;
mod remote_plans;
mod replays;
mod routes;
mod shells;
mod simulation;
mod skipped_agents;
mod tails;
mod terminals;
