//! The audit log: who changed what in the configuration, when and from where.
//!
//! A store method that changes the configuration takes an [`Author`] and records an entry in the transaction of the change, so
//! that neither exists without the other. The entries form a chain of hashes ([`AuditEntry`]), which [`ChainCheck`] verifies.

mod author;
mod chain;
mod entry;
mod filter;
mod snapshot;

pub use author::{Actor, Author, BackgroundTask};
pub use chain::{ChainBreak, ChainCheck, ChainHash, ChainHead};
pub use entry::{Action, AuditEntry, AuditRecord, ObjectKind, ObjectRef};
pub use filter::{ActorFilter, AuditFilter};
pub use snapshot::{Difference, FieldValue, Fields, Snapshot, difference};
