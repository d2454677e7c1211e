//! Reads files of messages for agents.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use switchboard_application_carrier::configuration::OpenAccess;
use switchboard_application_management::ManageError;
use switchboard_domain::carrier::{CarrierError, MediaFile};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::MediaCarrier;
use switchboard_domain::ports::{Clock, MessageStore, Retry, StoreError};
use switchboard_domain::session::SessionKeys;
use switchboard_domain::sid::{MediaSid, MessageSid};

use crate::media::stored_media;

/// The maximum number of files that are read at a time. Each may have 16 MiB.
const MAX_CONCURRENT: usize = 8;

/// Why a file is not returned.
#[derive(Debug, thiserror::Error)]
pub enum MediaRefused {
    /// The token is not one for this file, or has expired.
    #[error("the token is not valid for this file, or has expired")]
    Token,
    /// The message is not stored any more, or Twilio has deleted the file.
    #[error("the file does not exist any more")]
    Gone,
    /// The organization reads as many files as it may.
    #[error("too many files are read at the same time")]
    TooMany,
    /// The credentials of the account could not be read.
    #[error("the credentials of the account could not be read")]
    Access(#[source] ManageError),
    /// Twilio did not return the file.
    #[error("Twilio did not return the file")]
    Carrier(#[source] CarrierError),
    /// The store failed.
    #[error("the message could not be read")]
    Store(#[source] StoreError),
}

impl MediaRefused {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Token | Self::Gone => Retry::Never,
            Self::TooMany => Retry::Later,
            Self::Access(cause) => cause.retry(),
            Self::Carrier(cause) => cause.retry(),
            Self::Store(cause) => cause.retry(),
        }
    }
}

/// Reads files of messages.
pub struct FetchMedia {
    /// The stored messages.
    pub messages: Arc<dyn MessageStore>,
    /// The credentials of accounts.
    pub access: OpenAccess,
    /// Reads the files at the carrier.
    pub carrier: Arc<dyn MediaCarrier>,
    /// Verifies tokens.
    pub keys: Arc<SessionKeys>,
    /// The time at which a token is used.
    pub clock: Arc<dyn Clock>,
    /// The files that are being read.
    pub reading: Arc<MediaReads>,
}

/// Counts the files that are being read, in all and of each organization.
#[derive(Debug, Default)]
pub struct MediaReads(Mutex<HashMap<OrganizationId, usize>>);

/// Permission to read one file, released on drop.
struct Reading {
    reads: Arc<MediaReads>,
    organization: OrganizationId,
}

impl MediaReads {
    /// One organization may read as many files as are left for the others.
    fn begin(self: &Arc<Self>, organization: &OrganizationId) -> Option<Reading> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = MAX_CONCURRENT.saturating_sub(counts.values().sum());
        let taken = counts.entry(organization.clone()).or_default();
        if *taken >= left {
            return None;
        }
        *taken += 1;
        Some(Reading { reads: Arc::clone(self), organization: organization.clone() })
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut counts = self.reads.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = counts.get_mut(&self.organization) {
            *taken -= 1;
        }
        counts.retain(|_, taken| *taken > 0);
    }
}

impl FetchMedia {
    /// Returns a file of a message, read from Twilio with the credentials of the message's account. Only a file that the
    /// stored message names is read.
    pub async fn fetch(
        &self,
        message: MessageSid,
        media: MediaSid,
        token: &str,
    ) -> Result<MediaFile, MediaRefused> {
        let grant = self.keys.verify_media_token(token, message, media, self.clock.now());
        let account = grant.ok_or(MediaRefused::Token)?.account;
        let record = self.messages.find(&Scope::Operator, account, message).await;
        let record = record.map_err(MediaRefused::Store)?.ok_or(MediaRefused::Gone)?;
        let _reading = self.reading.begin(&record.organization).ok_or(MediaRefused::TooMany)?;
        let files = stored_media(&record);
        let file = files.iter().find(|file| file.location.media == media);
        let at = file.ok_or(MediaRefused::Gone)?.location.message;
        let scope = Scope::Organization(record.organization);
        let access = self.access.of(&scope, account).await.map_err(MediaRefused::Access)?;
        self.carrier.fetch(&access, at, media).await.map_err(|error| match error {
            CarrierError::NotFound { .. } => MediaRefused::Gone,
            error @ (CarrierError::Unauthorized { .. }
            | CarrierError::Inactive { .. }
            | CarrierError::Refused { .. }
            | CarrierError::Busy { .. }
            | CarrierError::Unavailable { .. }
            | CarrierError::Unreadable { .. }) => MediaRefused::Carrier(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::identifier::OrganizationId;
    use switchboard_domain::time::Timestamp;

    use super::{MAX_CONCURRENT, MediaReads};

    #[test]
    fn an_organization_leaves_reads_to_others() {
        let reads = Arc::new(MediaReads::default());
        let organization = |n| OrganizationId::new(Timestamp::from_seconds(0), [n; 10]);
        let take = |n| std::iter::from_fn(|| reads.begin(&organization(n))).collect::<Vec<_>>();
        let (ours, theirs) = (take(1), take(2));
        assert_eq!((ours.len(), theirs.len()), (MAX_CONCURRENT / 2, MAX_CONCURRENT / 4));
        drop((ours, theirs));
        assert!(reads.0.lock().unwrap().is_empty());
    }
}
