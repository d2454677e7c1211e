//! The laws of the carrier's ports, which every carrier adapter runs as tests.
//!
//! An adapter adds this crate and tokio as dev-dependencies and one file, `tests/contract.rs`:
//!
//! ```ignore
//! struct Example { carrier: ExampleCarrier }
//!
//! impl CarrierHarness for Example {
//!     async fn holding(inventory: &Inventory) -> Self { /* a carrier with just this; a panic where that fails */ }
//!     fn carrier(&self) -> Arc<dyn Carrier> { Arc::new(self.carrier.clone()) }
//!     async fn call(&self, account: AccountSid) -> CallSid { /* a call of that account that goes on */ }
//!     fn witness(&self) -> Arc<dyn Witness> { /* what became of messages and calls */ }
//! }
//!
//! switchboard_contract::carrier_laws!(Example);
//! ```
//!
//! Each port also has its own macro, for example
//! [`number_carrier_laws!`](crate::number_carrier_laws). Several ports have laws with the same
//! name, so use each of these macros in its own module.

pub mod accounts;
pub mod applications;
pub mod calls;
pub mod media;
pub mod messages;
pub mod numbers;
pub mod senders;
pub mod services;
pub mod tokens;

mod expect_error;
mod fixture;
mod harness;
mod inventory;
mod samples;

pub use fixture::CarrierFixture;
pub use harness::{CallNow, CarrierHarness, SentMessage, Witness, check};
pub use inventory::{Holding, Inventory, PooledService};

/// Registers the laws of all ports of the carrier as tests of a harness.
#[macro_export]
macro_rules! carrier_laws {
    ($harness:ty) => {
        type CarrierUnderTest = $harness;
        $crate::law_modules! { CarrierUnderTest;
            accounts: account_carrier_laws,
            applications: application_carrier_laws,
            calls: call_carrier_laws,
            media: media_carrier_laws,
            messages: message_carrier_laws,
            numbers: number_carrier_laws,
            senders: sender_carrier_laws,
            services: service_carrier_laws,
            tokens: token_carrier_laws,
        }
    };
}
