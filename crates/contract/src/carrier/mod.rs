//! The laws of the carrier's ports: one list per port, stamped on an adapter by one line per port.
//!
//! An adapter adds this crate and tokio as dev-dependencies and one file, `tests/contract.rs`:
//!
//! ```ignore
//! struct Example { carrier: ExampleCarrier }
//!
//! impl CarrierHarness for Example {
//!     async fn holding(estate: &Estate) -> Self { /* a carrier that keeps just this; a panic where that fails */ }
//!     fn carriers(&self) -> Carriers { Carriers::of(&Arc::new(self.carrier.clone())) }
//!     async fn call(&self, account: AccountSid) -> CallSid { /* a call of that account that goes on */ }
//!     fn witness(&self) -> Arc<dyn Witness> { /* what became of messages and calls */ }
//! }
//!
//! switchboard_contract::number_carrier_laws!(Example);
//! switchboard_contract::account_carrier_laws!(Example);
//! switchboard_contract::application_carrier_laws!(Example);
//! switchboard_contract::service_carrier_laws!(Example);
//! switchboard_contract::sender_carrier_laws!(Example);
//! switchboard_contract::message_carrier_laws!(Example);
//! switchboard_contract::call_carrier_laws!(Example);
//! switchboard_contract::token_carrier_laws!(Example);
//! ```
//!
//! Several ports have laws of the same name, so each line stands in a module of its own.

#[macro_use]
mod laws;

pub mod accounts;
pub mod applications;
pub mod calls;
pub mod messages;
pub mod numbers;
pub mod senders;
pub mod services;
pub mod tokens;

mod estate;
mod harness;
mod refused;
mod samples;
mod world;

pub use estate::{Estate, Holding, Keeping};
pub use harness::{CallNow, CarrierHarness, Carriers, SentMessage, Witness, uphold};
pub use world::CarrierWorld;
