//! What routing plans are compiled from: agents, calendars and lists.

use async_trait::async_trait;

use super::{Expected, StoreError};
use crate::agent::{Label, Profile};
use crate::audit::Author;
use crate::identifier::{AgentId, OrganizationId};
use crate::organization::Scope;
use crate::phone_number::PhoneNumber;
use crate::plan::{CatalogueNames, DateRange, HoursDocument};
use crate::web_address::WebUrl;

/// When and how often routing plans may choose an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentLimits {
    /// The maximum number of concurrent calls; `None` for no limit.
    pub capacity: Option<u32>,
    /// The agent's hours; `None` if it is always available.
    pub hours: Option<HoursDocument>,
    /// The URL of the health check of its voice server; if it is `None`, a health check only opens
    /// a connection.
    pub health_url: Option<WebUrl>,
}

/// An agent with what routing plans need of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueAgent {
    /// The agent's id.
    pub id: AgentId,
    /// Everything except the prompt.
    pub profile: Profile,
    /// Capacity, hours and health check.
    pub limits: AgentLimits,
}

/// The objects that names refer to. Names that refer to nothing are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Materials {
    /// Every agent that one of the words names, without duplicates.
    pub agents: Vec<CatalogueAgent>,
    /// Calendars by name, with their days.
    pub calendars: Vec<(Label, Vec<DateRange>)>,
    /// Number lists by name, with their numbers.
    pub lists: Vec<(Label, Vec<PhoneNumber>)>,
}

/// Stores what routing plans refer to: calendars, number lists and the limits of agents. Every
/// change MUST be recorded in the change log: limits as a change of the agent, calendars and lists
/// as [`Change::Everything`](super::Change::Everything). Laws: `switchboard_contract::catalogue`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CatalogueStore: Send + Sync {
    /// Replaces a calendar, or removes it. MUST return `Missing` if the scope does not cover the
    /// organization, or if there is no calendar to remove, and `Changed` if the stored one is not as `expected`. Of several
    /// changes with the same expectation at the same time, at most one MUST succeed if each of them changes something.
    async fn set_calendar(
        &self,
        author: &Author,
        organization: &OrganizationId,
        name: &Label,
        expected: &Expected<Vec<DateRange>>,
        days: Option<Vec<DateRange>>,
    ) -> Result<(), StoreError>;

    /// Replaces a list, or removes it. MUST return `Missing` if the scope does not cover the
    /// organization, or if there is no list to remove, and `Changed` as for a calendar. The order of numbers does not count.
    async fn set_list(
        &self,
        author: &Author,
        organization: &OrganizationId,
        name: &Label,
        expected: &Expected<Vec<PhoneNumber>>,
        numbers: Option<Vec<PhoneNumber>>,
    ) -> Result<(), StoreError>;

    /// Replaces an agent's limits. MUST return `Missing` if the scope does not cover the agent.
    async fn set_limits(
        &self,
        author: &Author,
        agent: &AgentId,
        limits: &AgentLimits,
    ) -> Result<(), StoreError>;

    /// Returns the names of all calendars and lists of an organization, in order, without agents.
    /// Empty if the scope does not cover the organization.
    async fn names(
        &self,
        scope: &Scope,
        organization: &OrganizationId,
    ) -> Result<CatalogueNames, StoreError>;

    /// What is behind these names in an organization. What cannot be read is left out, as if it were not there, so that
    /// the rest can be used.
    async fn materials(
        &self,
        organization: &OrganizationId,
        names: &CatalogueNames,
    ) -> Result<Materials, StoreError>;
}
