//! The management use cases. [`Accounts`], [`Agents`], [`Numbers`] and
//! [`Plans`](routing_plans::Plans) add, find, change and remove objects of their kind,
//! [`ExplainRoute`] explains routes, and [`ImportDirectory`] imports accounts, agents and numbers.
//!
//! Every use case takes a [`Scope`](switchboard_domain::organization::Scope), so that the command
//! line, which acts as the operator, and future interfaces for organizations call the same code.
#![warn(missing_docs)]
#![warn(clippy::wildcard_enum_match_arm)]

mod account_ref;
mod accounts;
mod agents;
mod answerers;
mod api_key_use;
mod api_keys;
mod edit;
mod enforcement;
mod erasure;
mod error;
mod explain;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
mod import;
pub mod jobs;
mod key_rate_limit;
mod key_rotation;
mod main_account;
mod named;
mod nearest;
mod numbers;
mod organizations;
mod plan_references;
mod repeatable_requests;
mod retention;
pub mod routing_plans;
#[cfg(test)]
mod test_prelude;
mod token;

pub use account_ref::{AccountRef, AccountRefError};
pub use accounts::{
    AccountChange, Accounts, NewAccount, all_accounts, find_account, remove_account,
};
pub use agents::{
    AgentChange, Agents, ChangedAgent, NewAgent, ParameterChange, RelayChange, find_agent,
};
pub use answerers::{Answerer, Answerers, NamedPlan};
pub use api_key_use::ApiKeyUse;
pub use api_keys::{ApiKeyError, ApiKeys, NewApiKey, Presented, UnauthorizedError};
pub use edit::Edit;
pub use enforcement::{Enforcement, Loss, RefusedRequests, Unverified};
pub use erasure::{EraseContact, EraseError, KnownContact};
pub use error::ManageError;
pub use explain::{Circumstances, ExplainRoute, Explanation, Target};
pub use import::{
    ChangedRecords, ImportDirectory, ImportError, ImportSummary, LegacyMainAccount, PreparedImport,
    Problems, Remark,
};
pub use key_rate_limit::KeyRateLimit;
pub use key_rotation::{KeyRotation, KeyRotationError, KeyRotationReport, SealedCounts};
pub use main_account::MainAccount;
pub use named::{IdOrName, NameError};
pub use nearest::nearest;
pub use numbers::{NewNumber, Numbers, find_sender};
pub use organizations::{OrganizationError, Organizations};
pub use repeatable_requests::{
    RepeatableRequests, RepeatedRequestError, Repetition, RequestEnd, RunningRequest,
};
pub use retention::{Prune, PruneCounts, PruneProgress, RetentionSchedule};
pub use token::{AuthToken, AuthTokenError, TokenSealer, open_api_key, open_next, open_primary};
