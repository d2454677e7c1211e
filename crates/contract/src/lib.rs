//! The laws of every port: conformance tests that are written once and run on every adapter.
//! This page describes the laws of stores. Those of the carrier are in [`carrier`].
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
//!     fn store(&self) -> Arc<dyn Store> { self.store.clone() }
//!     fn reopen(&self) -> Option<Reopen> { None /* it is not durable */ }
//!     async fn organization(&self, id: &OrganizationId, name: &str) { /* one row */ }
//! }
//!
//! switchboard_contract::store_laws!(Example);
//! ```
//!
//! [`store_laws!`] generates one `#[tokio::test]` for each law, with the name of the law, in a
//! module for each port. Each port also has its own macro, for example [`account_laws!`]. If a file
//! contains several harnesses, put each into its own module. Every law gets a new store, so all laws
//! run concurrently. A harness whose database is missing MUST panic, so that its laws do not pass.
//!
//! A law is a documented function in the module `laws` of its port. Every adapter runs it
//! automatically. To add a port, add a file with such a module, a supertrait of
//! [`Store`](switchboard_domain::ports::Store), and a line in [`store_laws!`]. A test fails if that
//! line is missing.
#![warn(missing_docs)]
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a law that does not hold says so by a panic, at the line where it does not"
)]

pub mod account_changes;
pub mod accounts;
pub mod agent_changes;
pub mod agent_secrets;
pub mod agents;
pub mod api_keys;
pub mod audit;
pub mod audit_entries;
pub mod call_timeline;
pub mod calls;
pub mod carrier;
pub mod catalogue;
pub mod catalogue_changes;
pub mod changes;
pub mod chat_models;
pub mod check_findings;
pub mod configurations;
pub mod connect_links;
pub mod consents;
pub mod conversations;
pub mod delivery_contexts;
pub mod delivery_history;
pub mod delivery_queue;
pub mod distribution;
pub mod durability;
pub mod erasure;
pub mod events;
pub mod gone_targets;
pub mod history;
pub mod idempotency;
pub mod imports;
pub mod job_queue;
pub mod jobs;
pub mod leases;
pub mod live_calls;
pub mod messages;
pub mod numbers;
pub mod organizations;
pub mod outgoing;
pub mod plan_places;
pub mod plans;
pub mod probe;
pub mod public_url;
pub mod rejections;
pub mod retention;
pub mod routes;
pub mod samples;
pub mod sealed_secrets;
pub mod sends;
pub mod subscriptions;
pub mod verifications;

mod concurrent;
mod expect_error;
mod fixture;
mod harness;
mod pages;
mod prelude;

pub use fixture::{Fixture, check};
pub use harness::{Harness, Reopen};

/// Registers the laws of all store ports as tests of a harness.
#[macro_export]
macro_rules! store_laws {
    ($harness:ty) => {
        type StoreUnderTest = $harness;
        $crate::law_modules! { StoreUnderTest;
            account_changes: account_change_laws,
            accounts: account_laws,
            agent_changes: agent_change_laws,
            agent_secrets: agent_secret_laws,
            agents: agent_laws,
            api_keys: api_key_laws,
            audit: audit_laws,
            audit_entries: audit_entry_laws,
            call_timeline: call_timeline_laws,
            calls: call_laws,
            catalogue: catalogue_laws,
            catalogue_changes: catalogue_change_laws,
            changes: change_laws,
            chat_models: chat_model_laws,
            check_findings: check_finding_laws,
            configurations: configuration_laws,
            connect_links: connect_link_laws,
            consents: consent_laws,
            conversations: conversation_laws,
            delivery_contexts: delivery_context_laws,
            delivery_history: delivery_history_laws,
            delivery_queue: delivery_queue_laws,
            sends: send_laws,
            durability: durability_laws,
            erasure: erasure_laws,
            events: event_laws,
            gone_targets: gone_target_laws,
            history: history_laws,
            idempotency: idempotency_laws,
            imports: import_laws,
            job_queue: job_queue_laws,
            jobs: job_laws,
            leases: lease_laws,
            live_calls: live_call_laws,
            messages: message_laws,
            numbers: number_laws,
            organizations: organization_laws,
            outgoing: outgoing_laws,
            plan_places: plan_place_laws,
            plans: plan_laws,
            probe: probe_laws,
            public_url: public_url_laws,
            rejections: rejection_laws,
            retention: retention_laws,
            routes: route_laws,
            sealed_secrets: sealed_secret_laws,
            subscriptions: subscription_laws,
            distribution: distribution_laws,
            verifications: verification_laws,
        }
    };
}

/// Generates one module of tests for each port.
#[doc(hidden)]
#[macro_export]
macro_rules! law_modules {
    ($harness:ident; $($port:ident: $laws:ident,)+) => {
        $(mod $port {
            $crate::$laws!(super::$harness);
        })+
    };
}
