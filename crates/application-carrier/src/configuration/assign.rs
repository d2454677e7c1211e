//! Assigns a number to an agent in the store, and configures it at the carrier.

use std::sync::Arc;

use switchboard_domain::agent::Agent;
use switchboard_domain::audit::Author;
use switchboard_domain::carrier::CarrierAccess;
use switchboard_domain::configuration::{
    Drift, DriftReason, Field, FieldChange, Observed, OverridePolicy, desired, drift,
};
use switchboard_domain::number::{Assignment, Channels, Number, RepairPolicy};
use switchboard_domain::ports::{ConfiguredNumber, Observation};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::number_leases::WhenHeld;
use super::shared_service::leave_service;
use super::{Applied, ApplyChanges, ConfigurationError, OpenAccess, Survey};
use crate::OperationError;
use switchboard_application_management::{ManageError, Numbers};

/// How many related accounts are searched for a number that its account does not own.
const MAX_RELATIVES: usize = 20;

/// The result of configuring an assigned number at the carrier.
#[derive(Debug)]
pub enum CarrierOutcome {
    /// The last observation was correct, so no request was sent.
    NotAsked,
    /// The configuration is correct after these changes.
    Configured(Vec<FieldChange>),
    /// The configuration still differs, and a person must decide what to do.
    Drifting(Drift),
    /// A request to the carrier failed; a later fix completes the configuration.
    Unfinished(ConfigurationError),
}

/// An assigned number.
#[derive(Debug)]
pub struct Assigned {
    /// The number with its new assignment.
    pub number: Number,
    /// The result at the carrier.
    pub carrier: CarrierOutcome,
}

/// Who is to answer a number.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    /// The number.
    pub sender: Sender,
    /// The agent, by its id, external id or name.
    pub agent: String,
    /// The channels that it answers.
    pub channels: Channels,
    /// What happens to resources that override the URLs of the number.
    pub overrides: OverridePolicy,
    /// How drift is repaired from now on; `None` keeps that.
    pub repair: Option<RepairPolicy>,
}

/// Assigns numbers and points their webhooks to this server.
#[derive(Clone)]
pub struct AssignAtCarrier {
    /// Stores the assignments.
    pub numbers: Arc<Numbers>,
    /// Provides credentials.
    pub access: OpenAccess,
    /// Writes the configuration.
    pub apply: ApplyChanges,
}

impl AssignAtCarrier {
    /// Assigns a number. The assignment is stored even if the carrier is unavailable. A number that does not support the
    /// channels, or that another account owns, is refused before anything is written. Returns [`ConfigurationError::Changed`]
    /// if another operation changes the number at the same time.
    pub async fn assign(
        &self,
        author: &Author,
        new: &NewAssignment,
    ) -> Result<Assigned, ConfigurationError> {
        let assigning = async {
            let assigned = self.assign_holding_lease(author, new).await?;
            // The policy is part of the assignment, which is stored whatever the carrier answered.
            if let Some(policy) = new.repair {
                let set = self.apply.configurations.set_policy(author, new.sender, policy).await;
                set.map_err(OperationError::store("setting the repair policy"))?;
            }
            Ok(assigned)
        };
        self.apply.leases.exclusively(new.sender, WhenHeld::Refuse, Box::pin(assigning)).await
    }

    async fn assign_holding_lease(
        &self,
        author: &Author,
        new: &NewAssignment,
    ) -> Result<Assigned, ConfigurationError> {
        let NewAssignment { sender, channels, overrides, .. } = *new;
        let word = new.agent.as_str();
        let before = self.find(author, sender).await?;
        if overrides == OverridePolicy::Report && self.is_configured(&before, channels) {
            let number = self.numbers.assign(author, sender, word, channels).await?;
            return Ok(Assigned { number, carrier: CarrierOutcome::NotAsked });
        }
        if let Some(drift) = Drift::unreadable(&sender, &self.apply.urls) {
            let number = self.numbers.assign(author, sender, word, channels).await?;
            return Ok(Assigned { number, carrier: CarrierOutcome::Drifting(drift) });
        }
        let access = self.access.of(author, before.number.account).await?;
        let seen = self.read(author, &access, sender, channels).await;
        if let Err(error @ (ConfigurationError::Unfit { .. } | ConfigurationError::Moved { .. })) =
            seen
        {
            return Err(error);
        }
        let number = self.numbers.assign(author, sender, word, channels).await?;
        let configured = ConfiguredNumber { number: number.clone(), ..before };
        let carrier = match seen {
            Ok(observed) => {
                self.configure(author, &access, &configured, &observed, overrides).await
            }
            Err(error) => CarrierOutcome::Unfinished(error),
        };
        if let CarrierOutcome::Unfinished(error @ ConfigurationError::Changed { .. }) = carrier {
            return Err(error);
        }
        Ok(Assigned { number, carrier })
    }

    /// Refuses a number that the account does not own at the carrier, with [`ConfigurationError::NotThere`].
    pub async fn must_own(
        &self,
        author: &Author,
        account: AccountSid,
        number: Sender,
    ) -> Result<(), ConfigurationError> {
        let access = self.access.of(author, account).await?;
        let owns = Survey::new(self.apply.carrier.as_ref(), &access).owns(number).await;
        if owns.map_err(OperationError::carrier(account, "finding the number"))? {
            Ok(())
        } else {
            Err(ConfigurationError::NotThere { number, account })
        }
    }

    /// The agent of an assignment, the changes that it would make at the carrier, and what blocks it. Changes nothing, and
    /// refuses what [`Self::assign`] refuses.
    pub async fn preview(
        &self,
        author: &Author,
        new: &NewAssignment,
    ) -> Result<(Agent, Drift), ConfigurationError> {
        let NewAssignment { sender, channels, overrides, .. } = *new;
        let before = self.find(author, sender).await?;
        let agent = self.numbers.assignable(author, &before.number, &new.agent).await?;
        if let Some(drift) = Drift::unreadable(&sender, &self.apply.urls) {
            return Ok((agent, drift));
        }
        let access = self.access.of(author, before.number.account).await?;
        let observed = self.read(author, &access, sender, channels).await?;
        let (adopted, urls) = (before.adopted.as_ref(), &self.apply.urls);
        let drift = drift(&observed, Some(channels), adopted, urls, access.region, overrides);
        Ok((agent, drift))
    }

    async fn find(
        &self,
        author: &Author,
        number: Sender,
    ) -> Result<ConfiguredNumber, ConfigurationError> {
        let found = self.apply.configurations.find(author, number).await;
        let found = found.map_err(OperationError::store("finding the number"))?;
        Ok(found.ok_or(ManageError::NumberUnknown { number })?)
    }

    /// Whether the carrier already sends exactly these channels to this server, so that a change of the agent needs no
    /// request. The last observation counts too: a saved configuration may never have been written, or be overridden.
    fn is_configured(&self, before: &ConfiguredNumber, channels: Channels) -> bool {
        let Some(Assignment { channels: answered, .. }) = before.number.assignment else {
            return false;
        };
        let Some(Observation { configuration: seen, .. }) = &before.observation else {
            return false;
        };
        let wanted = desired(channels, &self.apply.urls);
        let is_clear = |field: Field| {
            let is_in_use = channels.iter().any(|channel| field.serves(channel));
            let clear = if field == Field::ServiceDefers { "true" } else { "" };
            !is_in_use || !field.overrides() || seen.get(field).is_none_or(|now| now == clear)
        };
        answered == channels
            && before.adopted.as_ref().is_some_and(|adopted| adopted.covers(&wanted))
            && wanted.iter().all(|(field, value)| seen.get(field) == Some(value))
            && Field::ALL.into_iter().all(is_clear)
    }

    async fn read(
        &self,
        author: &Author,
        access: &CarrierAccess,
        sender: Sender,
        channels: Channels,
    ) -> Result<Observed, ConfigurationError> {
        let survey = Survey::new(self.apply.carrier.as_ref(), access);
        let found = survey.number(sender, Some(channels)).await;
        let Some(observed) =
            found.map_err(OperationError::carrier(access.account, "reading the configuration"))?
        else {
            return Err(match self.find_in_relatives(author, access.account, sender).await? {
                Some(actual) => {
                    ConfigurationError::Moved { number: sender, stored: access.account, actual }
                }
                None => ConfigurationError::NotThere { number: sender, account: access.account },
            });
        };
        let all = drift(
            &observed,
            Some(channels),
            None,
            &self.apply.urls,
            access.region,
            OverridePolicy::Report,
        );
        let unfit = |reason| reason == DriftReason::CapabilityMissing;
        match all.blockers.into_iter().find(|blocker| unfit(blocker.reason)) {
            Some(blocker) => {
                Err(ConfigurationError::Unfit { number: sender, detail: blocker.detail })
            }
            None => Ok(observed),
        }
    }

    /// The related account that owns the number at the carrier. Numbers move only between related accounts.
    async fn find_in_relatives(
        &self,
        author: &Author,
        account: AccountSid,
        number: Sender,
    ) -> Result<Option<AccountSid>, ConfigurationError> {
        let relatives = self.access.relatives(author, account).await?;
        for relative in relatives.into_iter().take(MAX_RELATIVES) {
            // An account whose credentials cannot be used, or that cannot be read, is not known to own the number.
            let Ok(access) = self.access.for_account(&relative).await else { continue };
            let owns = Survey::new(self.apply.carrier.as_ref(), &access).owns(number).await;
            if matches!(owns, Ok(true)) {
                return Ok(Some(relative.sid));
            }
        }
        Ok(None)
    }

    async fn configure(
        &self,
        author: &Author,
        access: &CarrierAccess,
        configured: &ConfiguredNumber,
        observed: &Observed,
        overrides: OverridePolicy,
    ) -> CarrierOutcome {
        let channels = configured.channels(observed.number.capabilities);
        let urls = &self.apply.urls;
        let mut found =
            drift(observed, channels, configured.adopted.as_ref(), urls, access.region, overrides);
        match self.apply.successor(author, configured).await {
            Ok(None) => {}
            Ok(Some(_)) => leave_service(&mut found),
            Err(error) => return CarrierOutcome::Unfinished(error),
        }
        let applied = self.apply.apply(author, access, configured, observed, &found.changes).await;
        match applied {
            Ok(Applied::Written(changes)) if found.blockers.is_empty() => {
                CarrierOutcome::Configured(changes)
            }
            Ok(Applied::Written(_)) => {
                CarrierOutcome::Drifting(Drift { changes: Vec::new(), ..found })
            }
            // The number was changed after it was read a moment ago.
            Ok(Applied::Changed(_)) => CarrierOutcome::Drifting(found),
            Err(error) => CarrierOutcome::Unfinished(error),
        }
    }
}
