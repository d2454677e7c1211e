//! Unassigns numbers and restores their previous configuration.

use std::sync::Arc;

use switchboard_domain::audit::Author;
use switchboard_domain::configuration::{Conflict, Field, FieldChange};
use switchboard_domain::number::Assignment;
use switchboard_domain::ports::DecidingPlan;
use switchboard_domain::sender::Sender;

use super::number_leases::WhenHeld;
use super::{ApplyChanges, ConfigurationError, OpenAccess, Survey};
use crate::OperationError;
use switchboard_application_management::{ManageError, Numbers};

/// What happens to fields that somebody else changed after this server wrote them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForeignChanges {
    /// They are reported as conflicts, and nothing is written.
    #[default]
    Respect,
    /// They are overwritten with their previous values.
    Overwrite,
}

/// The result of a restoration.
#[derive(Debug, PartialEq, Eq)]
pub enum Restored {
    /// There was nothing to restore.
    Nothing,
    /// Nothing was restored, because this routing plan decides for the number.
    Kept(DecidingPlan),
    /// The account no longer owns the number.
    Gone,
    /// The previous configuration is restored by these changes.
    Written(Vec<FieldChange>),
    /// Nothing was changed at the carrier or in the store, because somebody else changed these fields.
    Conflicts(Vec<Conflict>),
}

/// The result of unassigning a number. It stays assigned if there were conflicts.
#[derive(Debug)]
pub struct Released {
    /// The removed assignment.
    pub before: Option<Assignment>,
    /// The restored configuration.
    pub restored: Restored,
}

/// Restores previous configurations, without changing assignments.
#[derive(Clone)]
pub struct RestoreWebhooks {
    /// Provides credentials.
    pub access: OpenAccess,
    /// Writes the previous values.
    pub apply: ApplyChanges,
}

impl RestoreWebhooks {
    /// Restores the configuration that a number had before this server first wrote it.
    pub async fn restore(
        &self,
        author: &Author,
        sender: Sender,
        foreign: ForeignChanges,
    ) -> Result<Restored, ConfigurationError> {
        let restoring = Box::pin(self.restore_holding_lease(author, sender, foreign));
        self.apply.leases.exclusively(sender, WhenHeld::Wait, restoring).await
    }

    /// Restores while the lease of the number is held.
    async fn restore_holding_lease(
        &self,
        author: &Author,
        sender: Sender,
        foreign: ForeignChanges,
    ) -> Result<Restored, ConfigurationError> {
        let found = self.apply.configurations.find(author, sender).await;
        let found = found.map_err(OperationError::store("finding the number"))?;
        let configured = found.ok_or(ManageError::NumberUnknown { number: sender })?;
        let Some(adopted) = &configured.adopted else { return Ok(Restored::Nothing) };
        let account = configured.number.account;
        let access = self.access.of(author, account).await?;
        let survey = Survey::new(self.apply.carrier.as_ref(), &access);
        let seen = survey.adopted(sender, adopted).await;
        let Some(observed) =
            seen.map_err(OperationError::carrier(account, "reading the configuration"))?
        else {
            self.apply.save_adopted(author, &configured, None).await?;
            return Ok(Restored::Gone);
        };
        let mut restoration = adopted.restoration(&observed.configuration());
        let successor = self.apply.successor(author, &configured).await?;
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
            self.apply.transfer_service(author, &configured, successor).await?;
        }
        let changes = restoration.changes;
        self.apply.restore(author, &access, &configured, &observed, &changes).await?;
        Ok(Restored::Written(changes))
    }
}

/// Unassigns numbers and restores their previous configuration.
#[derive(Clone)]
pub struct ReleaseAtCarrier {
    /// Removes the assignments.
    pub numbers: Arc<Numbers>,
    /// Restores the configurations.
    pub restore: RestoreWebhooks,
}

impl ReleaseAtCarrier {
    /// Restores the previous configuration of a number, then removes its assignment. On a conflict
    /// or an error of the carrier, the number stays assigned. If a routing plan decides for the
    /// number, only the assignment is removed, because the carrier must continue to send calls and
    /// messages here.
    pub async fn release(
        &self,
        author: &Author,
        sender: Sender,
        foreign: ForeignChanges,
    ) -> Result<Released, ConfigurationError> {
        let releasing = Box::pin(self.release_holding_lease(author, sender, foreign));
        self.restore.apply.leases.exclusively(sender, WhenHeld::Refuse, releasing).await
    }

    /// Releases while the lease of the number is held.
    async fn release_holding_lease(
        &self,
        author: &Author,
        sender: Sender,
        foreign: ForeignChanges,
    ) -> Result<Released, ConfigurationError> {
        let configurations = &self.restore.apply.configurations;
        let found = configurations.find(author, sender).await;
        let found = found.map_err(OperationError::store("finding the number"))?;
        if let Some(plan) = found.and_then(|configured| configured.plan) {
            let before = self.numbers.unassign(author, sender).await?;
            return Ok(Released { before, restored: Restored::Kept(plan) });
        }
        let restored = self.restore.restore_holding_lease(author, sender, foreign).await?;
        if matches!(restored, Restored::Conflicts(_)) {
            return Ok(Released { before: None, restored });
        }
        let before = self.numbers.unassign(author, sender).await?;
        Ok(Released { before, restored })
    }
}
