//! The handlers of the paths below `/api/v1`.

pub(crate) mod account_changes;
pub(crate) mod accounts;
pub(crate) mod agent_changes;
pub(crate) mod agent_secrets;
pub(crate) mod agents;
pub(crate) mod assignments;
pub(crate) mod audit;
pub(crate) mod calendars;
pub(crate) mod calls;
pub(crate) mod conversations;
pub(crate) mod deliveries;
pub(crate) mod events;
pub(crate) mod explanations;
mod history_params;
pub(crate) mod keys;
mod materials;
pub(crate) mod messages;
pub(crate) mod number_changes;
pub(crate) mod number_lists;
pub(crate) mod numbers;
pub(crate) mod organizations;
pub(crate) mod plan_changes;
pub(crate) mod plan_places;
pub(crate) mod plans;
pub(crate) mod rejections;
pub(crate) mod subscriptions;
pub(crate) mod validations;
