//! Lets one operation at a time change the configuration of a number, in all processes: two that read the same
//! configuration could each write its own, and the one saved before the first write would be lost.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{
    Acquisition, LeaseHolder, LeaseName, LeaseStore, Randomness, StoreError,
};
use switchboard_domain::sender::Sender;

use super::ConfigurationError;
use crate::OperationError;

/// The duration of the lease of a number. After a crash, the number cannot be changed before it has expired.
const LEASE_DURATION: Duration = Duration::from_secs(20);
/// How often the lease is renewed while the operation runs.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long a renewal may take. It ends before the lease expires, even if the previous renewal took some seconds.
const MAX_RENEWAL: Duration = Duration::from_secs(15);

/// How often a lease that another operation holds is asked for again.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// What an operation does if another one changes the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenHeld {
    /// It is refused at once.
    Refuse,
    /// It waits as long as the lease of an operation that was killed lasts.
    Wait,
}

/// Grants the right to change the configuration of a number.
#[derive(Clone)]
pub struct NumberLeases {
    /// Stores the leases.
    pub leases: Arc<dyn LeaseStore>,
    /// Names each operation, so that two of the same process exclude each other too.
    pub randomness: Arc<dyn Randomness>,
}

impl NumberLeases {
    /// Runs an operation while no other one changes the number. Returns [`ConfigurationError::Changed`] without running it if
    /// another one does, and ends it early if its lease was lost.
    pub(super) async fn exclusively<T: Send>(
        &self,
        number: Sender,
        when_held: WhenHeld,
        operation: impl Future<Output = Result<T, ConfigurationError>> + Send,
    ) -> Result<T, ConfigurationError> {
        let holder = LeaseHolder::random(self.randomness.as_ref());
        let name = LeaseName::NumberConfiguration(number);
        let acquired = self.acquire(name, &holder, when_held).await;
        match acquired.map_err(OperationError::store("acquiring the lease of the number"))? {
            Acquisition::Acquired => {}
            Acquisition::HeldByAnother => return Err(ConfigurationError::Changed { number }),
        }
        let result = tokio::select! {
            biased;
            result = operation => result,
            () = self.lost(name, &holder) => Err(ConfigurationError::Changed { number }),
        };
        if let Err(error) = self.leases.release(name, &holder).await {
            // What was done is done, and the lease expires soon.
            tracing::warn!(number = %number.masked(), error = %Causes(&error), "the lease of a number was not released");
        }
        result
    }

    async fn acquire(
        &self,
        name: LeaseName,
        holder: &LeaseHolder,
        when_held: WhenHeld,
    ) -> Result<Acquisition, StoreError> {
        let polls = match when_held {
            WhenHeld::Refuse => 0,
            WhenHeld::Wait => (LEASE_DURATION + RENEWAL).as_secs(),
        };
        for _ in 0..polls {
            match self.leases.acquire(name, holder, LEASE_DURATION).await? {
                Acquisition::Acquired => return Ok(Acquisition::Acquired),
                Acquisition::HeldByAnother => tokio::time::sleep(POLL_INTERVAL).await,
            }
        }
        self.leases.acquire(name, holder, LEASE_DURATION).await
    }

    /// Renews a lease until another holder has it, or can have it, because it was not renewed in time.
    async fn lost(&self, name: LeaseName, holder: &LeaseHolder) {
        while let Ok(Acquisition::Acquired) =
            tokio::time::timeout(MAX_RENEWAL, self.renewed(name, holder)).await
        {}
    }

    /// Renews a lease once, as soon as the store answers.
    async fn renewed(&self, name: LeaseName, holder: &LeaseHolder) -> Acquisition {
        loop {
            tokio::time::sleep(RENEWAL).await;
            if let Ok(acquisition) = self.leases.acquire(name, holder, LEASE_DURATION).await {
                return acquisition;
            }
        }
    }
}
