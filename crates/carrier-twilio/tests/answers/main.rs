//! Answers that no simulator gives: what is between us and Twilio, and what is not Twilio at all.

mod changes;
mod endings;
mod lists;
mod retries;
mod rig;
mod secrets;
