//! What was taken over is given back.

use std::sync::Arc;

use switchboard_domain::configuration::{Conflict, Field, FieldChange};
use switchboard_domain::number::Assignment;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;

use super::{ApplyChanges, ConfigurationError, OpenAccess, Survey};
use switchboard_application_management::{ManageError, Numbers};

/// What is done about what somebody else changed after us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForeignChanges {
    /// Nothing is written.
    #[default]
    Respect,
    /// They are overwritten.
    Overwrite,
}

/// What became of the number at the carrier.
#[derive(Debug, PartialEq, Eq)]
pub enum Restored {
    /// Nothing of it was ours.
    Nothing,
    /// The number is not there any more.
    Gone,
    /// It is as it was before us, by these changes.
    Written(Vec<FieldChange>),
    /// Somebody else changed it after us: nothing was written, here or there.
    Conflicts(Vec<Conflict>),
}

/// A number that nobody answers any more, unless there were conflicts.
#[derive(Debug)]
pub struct Released {
    /// Who answered it before.
    pub before: Option<Assignment>,
    /// Its configuration.
    pub restored: Restored,
}

/// Gives back configurations; the assignments stay.
#[derive(Clone)]
pub struct RestoreWebhooks {
    /// Opens accounts at the carrier.
    pub access: OpenAccess,
    /// Writes there.
    pub apply: ApplyChanges,
}

impl RestoreWebhooks {
    /// Brings a number back to what it was before us.
    pub async fn restore(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
        foreign: ForeignChanges,
    ) -> Result<Restored, ConfigurationError> {
        let found = self.apply.configurations.find(scope, phone_number).await;
        let found = found.map_err(ConfigurationError::store("finding the number"))?;
        let configured = found.ok_or(ManageError::NumberUnknown { number: phone_number })?;
        let Some(adopted) = &configured.adopted else { return Ok(Restored::Nothing) };
        let account = configured.number.account;
        let access = self.access.of(scope, account).await?;
        let survey = Survey::new(self.apply.carrier.as_ref(), &access);
        let seen = survey.adopted(phone_number, adopted).await;
        let Some(observed) = seen.map_err(ConfigurationError::carrier(account, "read"))? else {
            self.apply.keep(scope, phone_number, None).await?;
            return Ok(Restored::Gone);
        };
        let mut restoration = adopted.restoration(&observed.configuration());
        let successor = self.apply.successor(scope, &configured).await?;
        if successor.is_some() {
            restoration.changes.retain(|change| change.field != Field::ServiceDefers);
        }
        if foreign == ForeignChanges::Overwrite {
            restoration = restoration.forced();
        }
        if !restoration.conflicts.is_empty() {
            return Ok(Restored::Conflicts(restoration.conflicts));
        }
        if let Some(successor) = successor {
            self.apply.hand_on(scope, adopted, &successor).await?;
        }
        let changes = restoration.changes;
        self.apply.give_back(scope, &access, phone_number, &observed, &changes).await?;
        Ok(Restored::Written(changes))
    }
}

/// Takes numbers away from agents and gives back what was taken over for them.
#[derive(Clone)]
pub struct ReleaseAtCarrier {
    /// Takes them away.
    pub numbers: Arc<Numbers>,
    /// Gives back.
    pub restore: RestoreWebhooks,
}

impl ReleaseAtCarrier {
    /// Lets nobody answer a number, once what was there before us is there again. Where somebody else changed it
    /// since, or the carrier cannot be asked, the number stays as it is.
    pub async fn release(
        &self,
        scope: &Scope,
        phone_number: PhoneNumber,
        foreign: ForeignChanges,
    ) -> Result<Released, ConfigurationError> {
        let restored = self.restore.restore(scope, phone_number, foreign).await?;
        if matches!(restored, Restored::Conflicts(_)) {
            return Ok(Released { before: None, restored });
        }
        let before = self.numbers.unassign(scope, phone_number).await?;
        Ok(Released { before, restored })
    }
}
