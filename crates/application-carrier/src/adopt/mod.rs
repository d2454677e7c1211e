//! What is there already is taken in: accounts and numbers at the carrier, agents and numbers of the system that
//! users come from; and everything that is kept goes out again, but for its secrets.

mod comparison;
mod earlier;
mod export;
mod findings;
mod sync;
mod url_owner;

pub use comparison::compare;
pub use earlier::{
    EarlierCounts, EarlierError, EarlierPlan, ImportEarlier, MainAccountOfEarlier, Mistakes, Remark,
};
pub use export::{ExportDirectory, Exported, Unsaid};
pub use findings::{
    AccountFinding, AccountStanding, Choice, Contents, FoundAccount, FoundNumber, Kept,
    NumberFinding, NumberStanding, Proposal, Reach, Unreachable,
};
pub use sync::{Adopted, Discovery, SyncAccounts, SyncError};
pub use url_owner::UrlOwner;
