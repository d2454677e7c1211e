//! A carrier that keeps everything in memory: the fake that tests of the application run on.
//!
//! It obeys the same laws as Twilio's adapter. A test gives it accounts and what they hold, changes things by hand
//! as people do in Twilio's Console, orders failures, and reads what was written.
#![warn(missing_docs)]

mod accounts;
mod applications;
mod by_hand;
mod calls;
mod desk;
mod failures;
mod holding;
mod messages;
mod numbers;
mod opening;
mod seeding;
mod senders;
mod services;
mod state;
mod tokens;
mod validity;

pub use failures::Failure;
pub use holding::CallState;
pub use state::{Asked, MemoryCarrier, Write};
