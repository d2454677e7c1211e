use async_trait::async_trait;

use super::StoreError;
use crate::agent::{Label, Profile};
use crate::identifier::{AgentId, OrganizationId};
use crate::organization::Scope;
use crate::phone_number::PhoneNumber;
use crate::plan::{CatalogueNames, DateRange};
use crate::web_address::WebUrl;

/// What an agent takes, beside its profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentLimits {
    /// How many calls at once; any number if there is none.
    pub capacity: Option<u32>,
    /// When it works, as a document; always if there is none.
    pub hours: Option<String>,
    /// Where its voice server says whether it is well, by HTTP; without one, a connection to it says so.
    pub health_url: Option<WebUrl>,
}

/// An agent as plans need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueAgent {
    /// Its key.
    pub id: AgentId,
    /// All but the prompt.
    pub profile: Profile,
    /// What it takes.
    pub limits: AgentLimits,
}

/// The things behind names. What is not there is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Materials {
    /// Every agent that one of the words names, each once.
    pub agents: Vec<CatalogueAgent>,
    /// Calendars by name, and their days.
    pub calendars: Vec<(Label, Vec<DateRange>)>,
    /// Lists by name, and their numbers.
    pub lists: Vec<(Label, Vec<PhoneNumber>)>,
}

/// Keeps what routing plans name: calendars, lists of numbers, limits of agents. Every change MUST be told: of limits as a
/// change of the agent, of the others as [`Change::Everything`](super::Change::Everything). Laws:
/// `switchboard_contract::catalogue`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CatalogueStore: Send + Sync {
    /// Replaces a calendar, or removes it. MUST return `Missing` if the scope does not cover the organization, or there
    /// is no calendar to remove.
    async fn set_calendar(
        &self,
        scope: &Scope,
        organization: &OrganizationId,
        name: &Label,
        days: Option<Vec<DateRange>>,
    ) -> Result<(), StoreError>;

    /// Replaces a list, or removes it. MUST return `Missing` if the scope does not cover the organization, or there is
    /// no list to remove.
    async fn set_list(
        &self,
        scope: &Scope,
        organization: &OrganizationId,
        name: &Label,
        numbers: Option<Vec<PhoneNumber>>,
    ) -> Result<(), StoreError>;

    /// Replaces an agent's limits. MUST return `Missing` if the scope does not cover the agent.
    async fn set_limits(
        &self,
        scope: &Scope,
        agent: &AgentId,
        limits: &AgentLimits,
    ) -> Result<(), StoreError>;

    /// The names of all calendars and lists of an organization, in order; agents are left out. Nothing if the scope
    /// does not cover it.
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
