//! A number is given to an agent, here and at the carrier.

use std::sync::Arc;

use switchboard_domain::carrier::CarrierAccess;
use switchboard_domain::configuration::{
    Drift, DriftReason, Field, FieldChange, Observed, OverridePolicy, desired, drift,
};
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::{Carrier, NumberCarrier};
use switchboard_domain::ports::{ConfiguredNumber, Observation};
use switchboard_domain::sid::AccountSid;

use super::shared_service::leave_service;
use super::{Applied, ApplyChanges, ConfigurationError, OpenAccess, Survey};
use switchboard_application_management::{ManageError, Numbers};

/// How many accounts of the same family are asked for a number that its account does not have.
const MOST_RELATIVES: usize = 20;

/// What became of the number at the carrier.
#[derive(Debug)]
pub enum AtCarrier {
    /// It was as it should be already; the carrier was not asked.
    NotAsked,
    /// It is as it should be now, by these changes.
    Configured(Vec<FieldChange>),
    /// It is not as it should be: somebody has to decide, or look at it.
    Drifting(Drift),
    /// The carrier could not be asked, or failed midway: `webhooks fix` finishes it.
    Unfinished(ConfigurationError),
}

/// A number that was given to an agent.
#[derive(Debug)]
pub struct Assigned {
    /// The number.
    pub number: Number,
    /// Its configuration.
    pub carrier: AtCarrier,
}

/// Gives numbers to agents and lets the carrier send us what concerns them.
#[derive(Clone)]
pub struct AssignAtCarrier {
    /// Assigns numbers to agents.
    pub numbers: Arc<Numbers>,
    /// Opens accounts at the carrier.
    pub access: OpenAccess,
    /// Writes there.
    pub apply: ApplyChanges,
}

impl AssignAtCarrier {
    /// Lets an agent answer a number on some channels. The assignment holds even if the carrier cannot be asked; what
    /// the number cannot carry, and a number that is another account's, are refused before anything is written.
    pub async fn assign(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
        word: &str,
        channels: Channels,
        overrides: OverridePolicy,
    ) -> Result<Assigned, ConfigurationError> {
        let before = self.find(scope, phone_number).await?;
        if overrides == OverridePolicy::Report && self.is_configured(&before, channels) {
            let number = self.numbers.assign(scope, phone_number, word, channels).await?;
            return Ok(Assigned { number, carrier: AtCarrier::NotAsked });
        }
        let access = self.access.of(scope, before.number.account).await?;
        let seen = self.look(scope, &access, phone_number, channels).await;
        if let Err(error @ (ConfigurationError::Unfit { .. } | ConfigurationError::Moved { .. })) =
            seen
        {
            return Err(error);
        }
        let number = self.numbers.assign(scope, phone_number, word, channels).await?;
        let configured = ConfiguredNumber { number: number.clone(), ..before };
        let carrier = match seen {
            Ok(observed) => self.configure(scope, &access, &configured, &observed, overrides).await,
            Err(error) => AtCarrier::Unfinished(error),
        };
        Ok(Assigned { number, carrier })
    }

    async fn find(
        &self,
        scope: &Scope,
        number: PhoneNumber,
    ) -> Result<ConfiguredNumber, ConfigurationError> {
        let found = self.apply.configurations.find(scope, number).await;
        let found = found.map_err(ConfigurationError::store("finding the number"))?;
        Ok(found.ok_or(ManageError::NumberUnknown { number })?)
    }

    /// Whether the carrier sends us already what concerns these channels, and nothing else: who answers is decided
    /// here, so that another agent changes nothing there. What we wanted there may never have been written, and
    /// something may stand in its way, so what was seen last has a say too.
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

    async fn look(
        &self,
        scope: &Scope,
        access: &CarrierAccess,
        phone_number: PhoneNumber,
        channels: Channels,
    ) -> Result<Observed, ConfigurationError> {
        let survey = Survey::new(self.apply.carrier.as_ref(), access);
        let found = survey.number(phone_number, Some(channels)).await;
        let Some(observed) = found.map_err(ConfigurationError::carrier(access.account, "read"))?
        else {
            return Err(match self.elsewhere(scope, access.account, phone_number).await? {
                Some(actual) => {
                    ConfigurationError::Moved { number: phone_number, kept: access.account, actual }
                }
                None => {
                    ConfigurationError::NotThere { number: phone_number, account: access.account }
                }
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
                Err(ConfigurationError::Unfit { number: phone_number, detail: blocker.detail })
            }
            None => Ok(observed),
        }
    }

    /// The account of the same family that has the number at the carrier: numbers move within a family only.
    async fn elsewhere(
        &self,
        scope: &Scope,
        account: AccountSid,
        number: PhoneNumber,
    ) -> Result<Option<AccountSid>, ConfigurationError> {
        let relatives = self.access.relatives(scope, account).await?;
        for relative in relatives.into_iter().take(MOST_RELATIVES) {
            let access = self.access.for_account(&relative).await?;
            let found = NumberCarrier::find(self.apply.carrier.as_ref(), &access, number).await;
            // A relative that cannot be asked tells nothing.
            if matches!(found, Ok(Some(_))) {
                return Ok(Some(relative.sid));
            }
        }
        Ok(None)
    }

    async fn configure(
        &self,
        scope: &Scope,
        access: &CarrierAccess,
        configured: &ConfiguredNumber,
        observed: &Observed,
        overrides: OverridePolicy,
    ) -> AtCarrier {
        let channels = configured.number.assignment.as_ref().map(|assignment| assignment.channels);
        let urls = &self.apply.urls;
        let mut found =
            drift(observed, channels, configured.adopted.as_ref(), urls, access.region, overrides);
        match self.apply.successor(scope, configured).await {
            Ok(None) => {}
            Ok(Some(_needs_the_service)) => leave_service(&mut found),
            Err(error) => return AtCarrier::Unfinished(error),
        }
        let applied = self.apply.apply(scope, access, configured, observed, &found.changes).await;
        match applied {
            Ok(Applied::Written(changes)) if found.blockers.is_empty() => {
                AtCarrier::Configured(changes)
            }
            Ok(Applied::Written(_)) => AtCarrier::Drifting(Drift { changes: Vec::new(), ..found }),
            // What was planned from was seen a moment ago.
            Ok(Applied::Changed(_)) => AtCarrier::Drifting(found),
            Err(error) => AtCarrier::Unfinished(error),
        }
    }
}
