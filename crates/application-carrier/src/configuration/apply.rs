//! Writes the configuration of one number: saves the previous one, checks that nobody has changed
//! it, writes the new one, and records the result.

use std::sync::Arc;

use switchboard_domain::audit::Author;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, InboundWebhook};
use switchboard_domain::configuration::{
    AdoptedConfiguration, Configuration, Field, FieldChange, Observed, Part, WebhookUrls, desired,
};
use switchboard_domain::number::Channels;
use switchboard_domain::ports::carrier::{Carrier, NumberCarrier, SenderCarrier};
use switchboard_domain::ports::{
    Clock, ConfigurationStore, ConfiguredNumber, Observation, StoreError,
};
use switchboard_domain::sender::Sender;

use super::shared_service::{find_successor, knows_service, with_service_of};
use super::{ConfigurationError, NumberLeases};
use crate::OperationError;

/// How often the setting of a service is passed on again, if the number that takes it is changed at the same time.
const MAX_TRANSFERS: usize = 5;

/// A field whose value is neither the one in the plan nor the planned new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The differing field.
    pub field: Field,
    /// The value when the plan was made.
    pub planned_from: String,
    /// The value that the plan writes.
    pub planned_to: String,
    /// The current value, or `None` if the resource no longer exists.
    pub now: Option<String>,
}

/// The result of writing one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The fields that were written. Fields that already had their new value are not among them.
    Written(Vec<FieldChange>),
    /// Nothing was written, because these fields were changed after the plan was made.
    Changed(Vec<Mismatch>),
}

/// Writes changes at the carrier.
#[derive(Clone)]
pub struct ApplyChanges {
    /// Receives the changes.
    pub carrier: Arc<dyn Carrier>,
    /// Saves the previous configuration.
    pub configurations: Arc<dyn ConfigurationStore>,
    /// The URLs of this server.
    pub urls: Arc<WebhookUrls>,
    /// Provides the time of observations.
    pub clock: Arc<dyn Clock>,
    /// Let one operation at a time change a number.
    pub leases: NumberLeases,
}

/// The changes that are still to be written, and those that cannot be.
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
    /// Writes a plan for a number that was just observed, while its lease is held. If one field has neither its value in the plan nor its new
    /// value, nothing is written.
    pub async fn apply(
        &self,
        author: &Author,
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
        let number = configured.number.sender;
        let channels = configured.channels(observed.number.capabilities);
        let adopted = self.adopted(configured.adopted.as_ref(), observed, channels, plan);
        if !knows_service(Some(&adopted))
            && let Some(successor) = self.successor(author, configured).await?
        {
            self.transfer_service(author, configured, successor).await?;
        }
        self.save_adopted(author, configured, Some(adopted)).await?;
        let after = self.write(access, observed, &outstanding.changes).await?;
        self.record_observation(author, number, after).await?;
        Ok(Applied::Written(outstanding.changes))
    }

    /// Writes the changes that restore the previous configuration, and forgets it.
    pub(super) async fn restore(
        &self,
        author: &Author,
        access: &CarrierAccess,
        configured: &ConfiguredNumber,
        observed: &Observed,
        changes: &[FieldChange],
    ) -> Result<(), ConfigurationError> {
        let after = self.write(access, observed, changes).await?;
        self.save_adopted(author, configured, None).await?;
        self.record_observation(author, configured.number.sender, after).await
    }

    /// The configuration to save: the previous values, and the values that this server has written, both desired URLs
    /// and overriding fields that were cleared.
    fn adopted(
        &self,
        before: Option<&AdoptedConfiguration>,
        observed: &Observed,
        channels: Option<Channels>,
        plan: &[FieldChange],
    ) -> AdoptedConfiguration {
        let current = observed.configuration();
        let wanted = channels.map(|channels| desired(channels, &self.urls)).unwrap_or_default();
        let mut ours: Configuration =
            wanted.iter().filter(|(field, _)| current.get(*field).is_some()).collect();
        let serves = |field: Field| {
            channels.is_some_and(|channels| channels.iter().any(|channel| field.serves(channel)))
        };
        // A field that was cleared earlier must still be restored while its channel is assigned.
        let cleared = before
            .iter()
            .flat_map(|adopted| adopted.ours.iter())
            .filter(|(field, _)| field.overrides());
        ours.extend(cleared.filter(|(field, _)| serves(*field)));
        // A field of a channel that is no longer assigned is kept if somebody else changed it, so that the restoration
        // reports the conflict.
        let conflicts =
            before.map(|adopted| adopted.restoration(&current).conflicts).unwrap_or_default();
        let unassigned = conflicts.into_iter().filter(|conflict| !serves(conflict.field));
        ours.extend(unassigned.map(|conflict| (conflict.field, conflict.ours)));
        let planned = plan.iter().filter(|change| serves(change.field));
        ours.extend(planned.map(|change| (change.field, &*change.to)));
        AdoptedConfiguration {
            number: observed.number.sid,
            sender: observed.sender.as_ref().map(|sender| sender.sid),
            service: observed.service.as_ref().map(|membership| membership.service.sid),
            before: current,
            ours,
        }
    }

    /// Saves what is about to be written to a number, unless somebody else has saved something since it was read.
    pub(super) async fn save_adopted(
        &self,
        author: &Author,
        configured: &ConfiguredNumber,
        adopted: Option<AdoptedConfiguration>,
    ) -> Result<(), ConfigurationError> {
        let (number, before) = (configured.number.sender, configured.adopted.as_ref());
        match self.configurations.take(author, number, before, adopted).await {
            Ok(()) => Ok(()),
            Err(StoreError::Changed { .. }) => Err(ConfigurationError::Changed { number }),
            Err(error) => Err(OperationError::store("saving the previous configuration")(error))?,
        }
    }

    /// Another number of the account that needs the service of this number.
    pub(super) async fn successor(
        &self,
        author: &Author,
        configured: &ConfiguredNumber,
    ) -> Result<Option<ConfiguredNumber>, ConfigurationError> {
        find_successor(self.configurations.as_ref(), author, configured).await
    }

    /// Saves the previous setting of the service with the successor, before this number forgets it. The lease of the
    /// successor is not held, so it is read again if another operation saves something for it at the same time.
    pub(super) async fn transfer_service(
        &self,
        author: &Author,
        configured: &ConfiguredNumber,
        mut successor: ConfiguredNumber,
    ) -> Result<(), ConfigurationError> {
        for _ in 0..MAX_TRANSFERS {
            let Some(known) = with_service_of(configured, &successor) else { return Ok(()) };
            match self.save_adopted(author, &successor, Some(known)).await {
                Err(ConfigurationError::Changed { .. }) => {}
                saved => return saved,
            }
            match self.successor(author, configured).await? {
                Some(found) => successor = found,
                None => break,
            }
        }
        Err(ConfigurationError::Changed { number: configured.number.sender })
    }

    /// Writes each resource once, and returns the resulting configuration.
    async fn write(
        &self,
        access: &CarrierAccess,
        observed: &Observed,
        changes: &[FieldChange],
    ) -> Result<Configuration, ConfigurationError> {
        let written = self.write_parts(access, observed, changes).await;
        Ok(written
            .map_err(OperationError::carrier(access.account, "changing the configuration"))?)
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
        let service = all.get(Field::ServiceDefers).zip(observed.service.as_ref());
        // The webhook of the number is used from before the number is written until after it.
        if let Some(("true", membership)) = service {
            let sid = membership.service.sid;
            self.carrier.set_inbound_webhook(access, sid, InboundWebhook::Number).await?;
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
        if let Some(("false", membership)) = service {
            let sid = membership.service.sid;
            self.carrier.set_inbound_webhook(access, sid, InboundWebhook::Service).await?;
        }
        Ok(after)
    }

    /// Stores the observed configuration of a number, so that lists show it without a request to the carrier.
    pub(super) async fn record_observation(
        &self,
        author: &Author,
        number: Sender,
        configuration: Configuration,
    ) -> Result<(), ConfigurationError> {
        let observation = Observation { configuration, at: self.clock.now() };
        let stored = self.configurations.observe(author, &[(number, observation)]).await;
        Ok(stored.map_err(OperationError::store("storing the observed configuration"))?)
    }
}
