//! A Messaging Service that several numbers of an account share: whether it leaves messages to its numbers is one
//! setting for all of them, so it is given back with the last number that needs it, by whichever number that is.

use switchboard_domain::address::Channel;
use switchboard_domain::configuration::{AdoptedConfiguration, Drift, DriftReason, Field};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConfiguredNumber, NumberFilter, Page};

use super::{ApplyChanges, ConfigurationError};

const PAGE: u32 = 1_000;

/// Another number of `kept` that an agent answers, and that needs the service of this one as we have made it.
pub(super) fn successor<'a>(
    configured: &ConfiguredNumber,
    kept: &'a [ConfiguredNumber],
) -> Option<&'a ConfiguredNumber> {
    let service_of =
        |number: &ConfiguredNumber| number.adopted.as_ref().and_then(|adopted| adopted.service);
    let service = service_of(configured)?;
    kept.iter().find(|other| {
        other.number.phone_number != configured.number.phone_number
            && service_of(other) == Some(service)
            && other
                .number
                .assignment
                .as_ref()
                .is_some_and(|answered| answered.channels.contains(Channel::Sms))
    })
}

/// The service stays as it is.
pub(super) fn leave_service(drift: &mut Drift) {
    drift.changes.retain(|change| {
        change.field != Field::ServiceDefers || change.reason != DriftReason::ChannelOff
    });
}

/// Whether it is the number by which we know what its service was like before us.
pub(super) fn knows_service(adopted: Option<&AdoptedConfiguration>) -> bool {
    adopted.is_some_and(|adopted| adopted.ours.get(Field::ServiceDefers).is_some())
}

impl ApplyChanges {
    /// Another number of the account that needs the service of this one.
    pub(super) async fn successor(
        &self,
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
            let listed = self.configurations.list(scope, &filter, &page).await;
            let listed = listed.map_err(ConfigurationError::store("listing numbers"))?;
            if let Some(successor) = successor(configured, &listed) {
                return Ok(Some(successor.clone()));
            }
            match listed.last() {
                Some(last) => page = Page::behind(last.number.phone_number, PAGE),
                None => return Ok(None),
            }
        }
    }

    /// Before a number forgets what its service was like before us, another one that needs it learns of it.
    pub(super) async fn hand_on(
        &self,
        scope: &Scope,
        adopted: &AdoptedConfiguration,
        successor: &ConfiguredNumber,
    ) -> Result<(), ConfigurationError> {
        let field = Field::ServiceDefers;
        let (Some(before), Some(ours)) = (adopted.before.get(field), adopted.ours.get(field))
        else {
            return Ok(());
        };
        let Some(mut known) =
            successor.adopted.clone().filter(|known| known.ours.get(field).is_none())
        else {
            return Ok(());
        };
        known.before.set(field, before);
        known.ours.set(field, ours);
        self.keep(scope, successor.number.phone_number, Some(known)).await
    }
}
