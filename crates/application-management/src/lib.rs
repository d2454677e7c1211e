//! What an operator does: accounts, agents and numbers are added, changed, given and taken away, and a
//! route is explained.
//!
//! Every use case takes a [`Scope`](switchboard_domain::organization::Scope), so that the command line
//! (which is the operator) and an interface for tenants call the same code.

mod accounts;
mod agents;
mod edit;
mod error;
mod explain;
mod find_agent;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
mod import;
mod main_account;
mod numbers;
pub mod routing_plans;
mod token;

pub use accounts::{
    AccountChange, AddAccount, ChangeAccount, NewAccount, RemoveAccount, all_accounts, find_account,
};
pub use agents::{AddAgent, AgentChange, ChangeAgent, NewAgent, RemoveAgent};
pub use edit::Edit;
pub use error::ManageError;
pub use explain::{Circumstances, ExplainRoute, Explanation, Target};
pub use find_agent::FindAgent;
pub use import::{
    AccountRow, AgentRow, ImportDirectory, ImportError, NumberRow, Problem, Problems, Row, Sheet,
    Sheets,
};
pub use main_account::{EnsureMainAccount, MainAccount};
pub use numbers::{AddNumber, AssignNumber, NewNumber, ReleaseNumber, Removal, RemoveNumber};
pub use token::{AuthToken, AuthTokenError, TokenSealer, open_api_key, open_next, open_primary};
