use async_trait::async_trait;

use super::{NumberFilter, Page, PlanPlace, StoreError};
use crate::address::Channel;
use crate::carrier::Capabilities;
use crate::configuration::{AdoptedConfiguration, Configuration};
use crate::identifier::PlanId;
use crate::number::{Channels, Number, RepairPolicy};
use crate::organization::Scope;
use crate::phone_number::PhoneNumber;
use crate::time::Timestamp;

/// A number, and what is kept of its configuration at the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredNumber {
    /// The number.
    pub number: Number,
    /// What we took over, if anything.
    pub adopted: Option<AdoptedConfiguration>,
    /// Whether the schedule may repair it.
    pub policy: RepairPolicy,
    /// What was seen last, if it was ever looked at.
    pub observation: Option<Observation>,
    /// The routing plan that decides for the number, if there is one.
    pub plan: Option<DecidingPlan>,
}

/// The routing plan that decides for a number: its own, else its account's, else its organization's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidingPlan {
    /// The plan.
    pub id: PlanId,
    /// What it is attached to.
    pub place: PlanPlace,
}

impl ConfiguredNumber {
    /// The channels that the carrier is to deliver to us. An assignment says so. A number that only a plan decides for
    /// has those of [`Channels::VOICE_AND_SMS`] that it can carry.
    pub fn channels(&self, capabilities: Capabilities) -> Option<Channels> {
        match (&self.number.assignment, &self.plan) {
            (Some(assignment), _) => Some(assignment.channels),
            (None, Some(_)) => {
                let voice = capabilities.voice.then_some(Channel::Voice);
                let sms = (capabilities.sms || capabilities.mms).then_some(Channel::Sms);
                Channels::of(voice.into_iter().chain(sms))
            }
            (None, None) => None,
        }
    }
}

/// What was seen of a number at the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Every field that was seen.
    pub configuration: Configuration,
    /// When.
    pub at: Timestamp,
}

/// Keeps what numbers are like at the carrier, and were before us. Laws: `switchboard_contract::configurations`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ConfigurationStore: Send + Sync {
    /// The number, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
    ) -> Result<Option<ConfiguredNumber>, StoreError>;

    /// The numbers that the scope covers and the filter lets through, in the order of their text.
    async fn list(
        &self,
        scope: &Scope,
        filter: &NumberFilter,
        page: &Page<PhoneNumber>,
    ) -> Result<Vec<ConfiguredNumber>, StoreError>;

    /// Keeps what we are about to take over, as [`AdoptedConfiguration::then`] adds it to what is kept: what was there when we
    /// first came MUST stay, also when two do it at once. `None` forgets everything, once it was given back. As
    /// durable as a message. MUST return `Missing` if the scope does not cover the number.
    async fn take(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
        adopted: Option<AdoptedConfiguration>,
    ) -> Result<(), StoreError>;

    /// Says whether the schedule may repair the number. MUST return `Missing` if the scope does not cover it.
    async fn set_policy(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
        policy: RepairPolicy,
    ) -> Result<(), StoreError>;

    /// Keeps what was seen of some numbers. What was seen earlier than what is kept MUST change nothing, and so
    /// MUST a number that is gone or that the scope does not cover.
    async fn observe(
        &self,
        scope: &Scope,
        observations: &[(PhoneNumber, Observation)],
    ) -> Result<(), StoreError>;
}
