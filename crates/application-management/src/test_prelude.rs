//! The common imports of unit tests.

pub(crate) use std::sync::Arc;
pub(crate) use switchboard_application::PlanSources;
pub(crate) use switchboard_domain::{
    account::Account,
    address::Address,
    agent::{AgentState, VoiceTarget},
    identifier::PlanId,
    number::{Assignment, Channels},
    organization::{Scope, default_organization},
    plan::{CallerFacts, LocalDate},
    ports::{
        AccountStore, AgentRow, AgentStore, Entity, ImportRow, ImportRows, ImportTable, NumberRow,
        NumberStore, PlanPlace, Retry, RowKey, StoreError,
    },
    routing::Reason,
    secret::Secret,
    time::Timestamp,
};
pub(crate) use switchboard_plan_document::PlanDocuments;
pub(crate) use switchboard_store_memory::{Fault, MemoryStore, operator};
