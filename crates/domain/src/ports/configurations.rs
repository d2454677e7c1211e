//! The stored webhook configurations of numbers: what was there before, what is written, and what was observed.

#![cfg_attr(
    feature = "mock",
    expect(
        clippy::ref_option_ref,
        reason = "the expectations of a mock take arguments by reference"
    )
)]

use async_trait::async_trait;

use super::{NumberFilter, Page, PlanPlace, StoreError};
use crate::address::Channel;
use crate::audit::Author;
use crate::carrier::Capabilities;
use crate::configuration::{AdoptedConfiguration, Configuration};
use crate::identifier::PlanId;
use crate::number::{Channels, Number, RepairPolicy};
use crate::organization::Scope;
use crate::sender::Sender;
use crate::time::Timestamp;

/// A number, with what is stored about its configuration at the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredNumber {
    /// The stored number.
    pub number: Number,
    /// The saved previous configuration and what this server writes; `None` if nothing is saved.
    pub adopted: Option<AdoptedConfiguration>,
    /// Whether the scheduled check may repair the number.
    pub policy: RepairPolicy,
    /// The last observed configuration; `None` if the number was never observed.
    pub observation: Option<Observation>,
    /// The routing plan that decides for the number; `None` if no plan does.
    pub plan: Option<DecidingPlan>,
}

/// The routing plan that decides for a number: the number's own, or else its account's, or else its
/// organization's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidingPlan {
    /// The id of the plan.
    pub id: PlanId,
    /// The number, account or organization that the plan is attached to.
    pub place: PlanPlace,
}

impl ConfiguredNumber {
    /// The channels that the carrier must deliver to this server. They are those of the assignment.
    /// A number without an assignment that has a plan gets those of [`Channels::VOICE_AND_SMS`]
    /// that it supports, and another sender gets all of its own.
    pub fn channels(&self, capabilities: Capabilities) -> Option<Channels> {
        match (&self.number.assignment, &self.plan) {
            (Some(assignment), _) => Some(assignment.channels),
            (None, Some(_)) if self.number.sender.as_number().is_none() => {
                Some(self.number.sender.channels())
            }
            (None, Some(_)) => {
                let voice = capabilities.voice.then_some(Channel::Voice);
                let sms = (capabilities.sms || capabilities.mms).then_some(Channel::Sms);
                Channels::of(voice.into_iter().chain(sms))
            }
            (None, None) => None,
        }
    }
}

/// The configuration of a number at the carrier, as it was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Every observed field.
    pub configuration: Configuration,
    /// The time of the observation.
    pub at: Timestamp,
}

/// Stores the configuration of numbers at the carrier: the previous one, the written one and the
/// observed one. Laws: `switchboard_contract::configurations`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ConfigurationStore: Send + Sync {
    /// Returns the number, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        sender: Sender,
    ) -> Result<Option<ConfiguredNumber>, StoreError>;

    /// Lists the numbers that the scope covers and the filter selects, in the order of their text.
    async fn list(
        &self,
        scope: &Scope,
        filter: &NumberFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<ConfiguredNumber>, StoreError>;

    /// Stores what is about to be written to the carrier, merged with
    /// [`AdoptedConfiguration::then`], so that the values that were found first stay. `None` deletes
    /// the stored configuration after it was restored, and that the number drifted.
    /// MUST be as durable as a message. MUST return `Missing` if the scope does not cover the
    /// number, and `Changed` if the stored configuration is not `before`, as the caller read it. Of
    /// several calls with the same `before` at the same time, at most one MUST succeed if each of
    /// them changes something.
    async fn take<'a>(
        &self,
        author: &Author,
        sender: Sender,
        before: Option<&'a AdoptedConfiguration>,
        adopted: Option<AdoptedConfiguration>,
    ) -> Result<(), StoreError>;

    /// Sets whether the scheduled check may repair the number. MUST return `Missing` if the scope
    /// does not cover it.
    async fn set_policy(
        &self,
        author: &Author,
        sender: Sender,
        policy: RepairPolicy,
    ) -> Result<(), StoreError>;

    /// Stores observations of several numbers. MUST ignore an observation that is older than the
    /// stored one, and a number that does not exist or that the scope does not cover. If the store
    /// fails, some of them MAY be stored.
    async fn observe(
        &self,
        scope: &Scope,
        observations: &[(Sender, Observation)],
    ) -> Result<(), StoreError>;
}
