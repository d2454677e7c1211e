//! The use cases that involve the carrier: compare and write webhook configuration, adopt existing
//! accounts and numbers, and rotate auth tokens.
#![warn(missing_docs)]
#![warn(clippy::wildcard_enum_match_arm)]

pub mod adopt;
pub mod configuration;
pub mod connect;
mod operation_error;
mod rotate;
#[cfg(test)]
mod test_prelude;
mod verify;

pub use operation_error::OperationError;
pub use rotate::{RotateError, RotateToken, Rotation, RotationStep, RotationTerms};
pub use verify::{TokenState, VerifyTokens};
