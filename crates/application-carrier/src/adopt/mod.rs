//! Adopts the accounts and numbers that exist at the carrier, and exports everything that is stored except secrets.

mod comparison;
mod export;
mod findings;
mod sync;
mod url_owner;

pub use comparison::compare;
pub use export::{ExportDirectory, Exported, ExportedRouting, Omission};
pub use findings::{
    AccountDiff, AccountFinding, Contents, FoundAccount, FoundNumber, Inventory, NumberDiff,
    NumberFinding, Proposal, ProposedAgent, Stored, Unreachable,
};
pub use sync::{Adopted, Discovery, SyncAccounts, SyncError};
pub use url_owner::UrlOwner;
