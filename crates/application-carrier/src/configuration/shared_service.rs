//! Messaging Services shared by several numbers. Whether a service passes messages to its numbers is one setting for all
//! of them, so the setting is restored when the last assigned number is unassigned.

use switchboard_domain::address::Channel;
use switchboard_domain::configuration::{
    AdoptedConfiguration, Configuration, Drift, DriftReason, Field,
};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConfigurationStore, ConfiguredNumber, NumberFilter, Page};

use super::ConfigurationError;
use super::survey::is_channel_sender;
use crate::OperationError;

const PAGE: u32 = 1_000;

/// Another number among `stored` whose SMS an agent or a plan answers, and that uses the same service.
pub(super) fn successor<'a>(
    configured: &ConfiguredNumber,
    stored: &'a [ConfiguredNumber],
) -> Option<&'a ConfiguredNumber> {
    let service_of =
        |number: &ConfiguredNumber| number.adopted.as_ref().and_then(|adopted| adopted.service);
    let service = service_of(configured)?;
    stored.iter().find(|other| {
        other.number.sender != configured.number.sender
            && !is_channel_sender(other.number.sender)
            && service_of(other) == Some(service)
            && match &other.number.assignment {
                Some(answered) => answered.channels.contains(Channel::Sms),
                None => other.plan.is_some(),
            }
    })
}

/// Removes the change that would restore the service.
pub(super) fn leave_service(drift: &mut Drift) {
    drift.changes.retain(|change| {
        change.field != Field::ServiceDefers || change.reason != DriftReason::ChannelOff
    });
}

/// Whether the previous setting of the service is saved with this number.
pub(super) fn knows_service(adopted: Option<&AdoptedConfiguration>) -> bool {
    adopted.is_some_and(|adopted| adopted.ours.get(Field::ServiceDefers).is_some())
}

/// Another number of the account that needs the service of this number.
pub(super) async fn find_successor(
    configurations: &dyn ConfigurationStore,
    scope: &Scope,
    configured: &ConfiguredNumber,
) -> Result<Option<ConfiguredNumber>, ConfigurationError> {
    if !knows_service(configured.adopted.as_ref()) {
        return Ok(None);
    }
    let filter =
        NumberFilter { account: Some(configured.number.account), ..NumberFilter::default() };
    let mut page = Page::first(PAGE);
    loop {
        let listed = configurations.list(scope, &filter, &page).await;
        let listed = listed.map_err(OperationError::store("listing numbers"))?;
        if let Some(successor) = successor(configured, &listed) {
            return Ok(Some(successor.clone()));
        }
        match listed.last() {
            Some(last) => page = Page::behind(last.number.sender, PAGE),
            None => return Ok(None),
        }
    }
}

/// Whether two saved configurations of a number are the same, except for the setting of the service, which another number
/// may have passed on to it.
pub(super) fn same_without_service(
    one: Option<&AdoptedConfiguration>,
    other: Option<&AdoptedConfiguration>,
) -> bool {
    let without = |values: &Configuration| -> Configuration {
        values.iter().filter(|(field, _)| *field != Field::ServiceDefers).collect()
    };
    let own = |adopted: &AdoptedConfiguration| AdoptedConfiguration {
        before: without(&adopted.before),
        ours: without(&adopted.ours),
        ..adopted.clone()
    };
    one.map(own) == other.map(own)
}

/// What to save with the successor: its own values, and the previous setting of the service that this number knows. `None`
/// if this number knows none, or if the successor knows one already.
pub(super) fn with_service_of(
    configured: &ConfiguredNumber,
    successor: &ConfiguredNumber,
) -> Option<AdoptedConfiguration> {
    let field = Field::ServiceDefers;
    let adopted = configured.adopted.as_ref()?;
    let (before, ours) = (adopted.before.get(field)?, adopted.ours.get(field)?);
    let known = successor.adopted.clone().filter(|known| known.ours.get(field).is_none())?;
    Some(AdoptedConfiguration {
        before: known.before.with(field, before),
        ours: known.ours.with(field, ours),
        ..known
    })
}
