//! Changes of one number's configuration are carried out: saved before, checked before, written, and noted.

use std::sync::Arc;

use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::configuration::{
    AdoptedConfiguration, Configuration, Field, FieldChange, Observed, Part, WebhookUrls, desired,
};
use switchboard_domain::number::Channels;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::{Carrier, NumberCarrier, SenderCarrier, ServiceCarrier};
use switchboard_domain::ports::{Clock, ConfigurationStore, ConfiguredNumber, Observation};

use super::ConfigurationError;
use super::shared_service::knows_service;

/// A field that is not as the plan saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Which.
    pub field: Field,
    /// What the plan saw.
    pub planned_from: String,
    /// What the plan would have written.
    pub planned_to: String,
    /// What is there now; none if the resource is gone.
    pub now: Option<String>,
}

/// What became of the changes of one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// They are written; those that were there already were not written again.
    Written(Vec<FieldChange>),
    /// Somebody else changed something since the plan was made, so nothing is written.
    Changed(Vec<Mismatch>),
}

/// Carries out changes.
#[derive(Clone)]
pub struct ApplyChanges {
    /// Where it is written.
    pub carrier: Arc<dyn Carrier>,
    /// Where it is kept what was there.
    pub configurations: Arc<dyn ConfigurationStore>,
    /// Our own addresses.
    pub urls: Arc<WebhookUrls>,
    /// Tells when something was seen.
    pub clock: Arc<dyn Clock>,
}

/// What is there, and which of the changes are still to be written.
struct Outstanding {
    changes: Vec<FieldChange>,
    mismatches: Vec<Mismatch>,
}

impl Outstanding {
    fn of(plan: &[FieldChange], now: &Configuration) -> Self {
        let mut outstanding = Self { changes: Vec::new(), mismatches: Vec::new() };
        for change in plan {
            match now.get(change.field) {
                Some(now) if now == change.to => {}
                Some(now) if now == change.from => outstanding.changes.push(change.clone()),
                now => outstanding.mismatches.push(Mismatch {
                    field: change.field,
                    planned_from: change.from.clone(),
                    planned_to: change.to.clone(),
                    now: now.map(ToOwned::to_owned),
                }),
            }
        }
        outstanding
    }
}

impl ApplyChanges {
    /// Brings a number to `plan`, from what was `observed` just now. Fields of the plan that are neither as it saw
    /// them nor as it wants them keep all of it from being written.
    pub async fn apply(
        &self,
        scope: &Scope,
        access: &CarrierAccess,
        configured: &ConfiguredNumber,
        observed: &Observed,
        plan: &[FieldChange],
    ) -> Result<Applied, ConfigurationError> {
        let now = observed.configuration();
        let outstanding = Outstanding::of(plan, &now);
        if !outstanding.mismatches.is_empty() {
            return Ok(Applied::Changed(outstanding.mismatches));
        }
        let number = configured.number.phone_number;
        let channels = configured.number.assignment.as_ref().map(|assignment| assignment.channels);
        let adopted = self.adopted(configured.adopted.as_ref(), observed, channels, plan);
        if let Some(before) = configured.adopted.as_ref().filter(|_| !knows_service(Some(&adopted)))
            && let Some(successor) = self.successor(scope, configured).await?
        {
            self.hand_on(scope, before, &successor).await?;
        }
        self.keep(scope, number, Some(adopted)).await?;
        let after = self.write(access, observed, &outstanding.changes).await?;
        self.note(scope, number, after).await?;
        Ok(Applied::Written(outstanding.changes))
    }

    /// Writes changes without keeping anything: to give back what was taken.
    pub(super) async fn give_back(
        &self,
        scope: &Scope,
        access: &CarrierAccess,
        number: PhoneNumber,
        observed: &Observed,
        changes: &[FieldChange],
    ) -> Result<(), ConfigurationError> {
        let after = self.write(access, observed, changes).await?;
        self.keep(scope, number, None).await?;
        self.note(scope, number, after).await
    }

    /// What is ours from now on: what is wanted, and what was cleared so that it counts.
    fn adopted(
        &self,
        before: Option<&AdoptedConfiguration>,
        observed: &Observed,
        channels: Option<Channels>,
        plan: &[FieldChange],
    ) -> AdoptedConfiguration {
        let seen = observed.configuration();
        let wanted = channels.map(|channels| desired(channels, &self.urls)).unwrap_or_default();
        let mut ours: Configuration =
            wanted.iter().filter(|(field, _)| seen.get(*field).is_some()).collect();
        let serves = |field: Field| {
            channels.is_some_and(|channels| channels.iter().any(|channel| field.serves(channel)))
        };
        // What was cleared earlier stays ours for as long as its channel does.
        let cleared = before
            .iter()
            .flat_map(|adopted| adopted.ours.iter())
            .filter(|(field, _)| field.overrides());
        for (field, value) in cleared.filter(|(field, _)| serves(*field)) {
            ours.set(field, value);
        }
        // What is not needed any more, but was changed by somebody else after us, is still to be told of when all is
        // given back.
        for conflict in
            before.map(|adopted| adopted.restoration(&seen).conflicts).unwrap_or_default()
        {
            if !serves(conflict.field) {
                ours.set(conflict.field, &*conflict.ours);
            }
        }
        for change in plan.iter().filter(|change| serves(change.field)) {
            ours.set(change.field, &*change.to);
        }
        AdoptedConfiguration {
            number: observed.number.sid,
            sender: observed.sender.as_ref().map(|sender| sender.sid),
            service: observed.service.as_ref().map(|membership| membership.service.sid),
            before: seen,
            ours,
        }
    }

    pub(super) async fn keep(
        &self,
        scope: &Scope,
        number: PhoneNumber,
        adopted: Option<AdoptedConfiguration>,
    ) -> Result<(), ConfigurationError> {
        let kept = self.configurations.take(scope, number, adopted).await;
        kept.map_err(ConfigurationError::store("keeping what was there before"))
    }

    /// Writes each resource once, and tells what is there then.
    async fn write(
        &self,
        access: &CarrierAccess,
        observed: &Observed,
        changes: &[FieldChange],
    ) -> Result<Configuration, ConfigurationError> {
        let written = self.write_parts(access, observed, changes).await;
        written.map_err(ConfigurationError::carrier(access.account, "changed"))
    }

    async fn write_parts(
        &self,
        access: &CarrierAccess,
        observed: &Observed,
        changes: &[FieldChange],
    ) -> Result<Configuration, CarrierError> {
        let all: Configuration =
            changes.iter().map(|change| (change.field, change.to.as_str())).collect();
        let mut after = all.clone().or(&observed.configuration());
        let (number, sender) = (all.of(Part::Number), all.of(Part::Sender));
        // What takes calls and messages away from the number goes last, what leaves them to it first.
        if let (Some("true"), Some(membership)) = (all.get(Field::ServiceDefers), &observed.service)
        {
            ServiceCarrier::defer(self.carrier.as_ref(), access, membership.service.sid, true)
                .await?;
        }
        if !number.is_empty() {
            let updated =
                NumberCarrier::update(self.carrier.as_ref(), access, observed.number.sid, &number)
                    .await?;
            after = updated.configuration.or(&after);
        }
        if let (false, Some(known)) = (sender.is_empty(), &observed.sender) {
            SenderCarrier::update(self.carrier.as_ref(), access, known.sid, &sender).await?;
        }
        if let (Some("false"), Some(membership)) =
            (all.get(Field::ServiceDefers), &observed.service)
        {
            ServiceCarrier::defer(self.carrier.as_ref(), access, membership.service.sid, false)
                .await?;
        }
        Ok(after)
    }

    /// Keeps what was seen of a number.
    pub(super) async fn note(
        &self,
        scope: &Scope,
        number: PhoneNumber,
        configuration: Configuration,
    ) -> Result<(), ConfigurationError> {
        let observation = Observation { configuration, at: self.clock.now() };
        let kept = self.configurations.observe(scope, &[(number, observation)]).await;
        kept.map_err(ConfigurationError::store("keeping what was seen"))
    }
}
