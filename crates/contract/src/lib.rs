//! The laws of every store port: one list per port, stamped on an adapter by one line per port.
//!
//! An adapter adds this crate and tokio as dev-dependencies and one file, `tests/contract.rs`:
//!
//! ```ignore
//! struct Example {
//!     store: Arc<ExampleStore>,
//!     _folder: TempDir, // what must live as long as the store
//! }
//!
//! impl Harness for Example {
//!     async fn fresh() -> Self { /* a store of its own, migrated; a panic where that fails */ }
//!     fn stores(&self) -> Stores { Stores::of(&self.store) }
//!     async fn organization(&self, id: &OrganizationId, name: &str) { /* one row */ }
//! }
//!
//! switchboard_contract::account_laws!(Example);
//! switchboard_contract::agent_laws!(Example);
//! switchboard_contract::number_laws!(Example);
//! switchboard_contract::route_laws!(Example);
//! switchboard_contract::call_laws!(Example);
//! switchboard_contract::message_laws!(Example);
//! switchboard_contract::rejection_laws!(Example);
//! switchboard_contract::change_laws!(Example);
//! switchboard_contract::import_laws!(Example);
//! switchboard_contract::probe_laws!(Example);
//! switchboard_contract::configuration_laws!(Example);
//! switchboard_contract::lease_laws!(Example);
//! switchboard_contract::verification_laws!(Example);
//! switchboard_contract::plan_laws!(Example);
//! switchboard_contract::plan_place_laws!(Example);
//! switchboard_contract::catalogue_laws!(Example);
//! switchboard_contract::live_call_laws!(Example);
//! ```
//!
//! Each line makes one `#[tokio::test]` per law, named as the law. Two harnesses in one file go into a
//! module each (`mod sqlite { … }`, `mod postgres { … }`), as their tests have the same names. Every law
//! gets a store of its own and so all of them run at once; a harness whose surroundings are missing MUST
//! panic and never pass.
//!
//! A new law is one function with one sentence of documentation in the list of its port; every adapter
//! has it with its next build. A new port is a file with a list, and a field of [`Stores`].
#![warn(missing_docs)]
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a law that does not hold says so by a panic, at the line where it does not"
)]

#[macro_use]
mod laws;

pub mod accounts;
pub mod agents;
pub mod calls;
pub mod carrier;
pub mod catalogue;
pub mod changes;
pub mod configurations;
pub mod imports;
pub mod leases;
pub mod live_calls;
pub mod messages;
pub mod numbers;
pub mod plan_places;
pub mod plans;
pub mod probe;
pub mod rejections;
pub mod routes;
pub mod samples;
pub mod verifications;

mod crowd;
mod harness;
mod orders;
mod pages;
mod refused;
mod world;

pub use harness::{Harness, Stores, uphold};
pub use world::World;
