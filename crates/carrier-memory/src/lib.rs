//! A carrier in memory: the fake for the tests of the application.
//!
//! It obeys the same laws as the Twilio adapter. A test adds accounts and their resources, changes them as people do
//! in Twilio's Console, injects failures, and reads the recorded requests and writes.
#![warn(missing_docs)]

mod account;
mod accounts;
mod applications;
mod auth;
mod calls;
mod console;
mod failures;
mod media;
mod messages;
mod numbers;
mod operation;
mod seeding;
mod senders;
mod services;
mod state;
mod tokens;
mod validation;

pub use account::CallState;
pub use failures::Failure;
pub use operation::Write;
pub use state::{Asked, MemoryCarrier};
