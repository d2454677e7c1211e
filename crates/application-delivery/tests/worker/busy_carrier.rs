//! A carrier that is busy with other requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use switchboard_carrier_memory::MemoryCarrier;
use switchboard_domain::address::Address;
use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::delivery::Sighting;
use switchboard_domain::ports::carrier::{ComposeMessage, MessageCarrier};
use switchboard_domain::sid::MessageSid;
use tokio::time::sleep;

/// The carrier, whose requests to send wait for others of the account.
pub(crate) struct BusyCarrier {
    inner: Arc<MemoryCarrier>,
    /// How long each waits.
    wait: Mutex<Duration>,
}

impl BusyCarrier {
    pub(crate) fn of(inner: Arc<MemoryCarrier>) -> Self {
        Self { inner, wait: Mutex::default() }
    }

    pub(crate) fn set_wait(&self, wait: Duration) {
        *self.wait.lock().unwrap() = wait;
    }
}

#[async_trait]
impl MessageCarrier for BusyCarrier {
    async fn create(
        &self,
        access: &CarrierAccess,
        message: &dyn ComposeMessage,
    ) -> Result<Option<MessageSid>, CarrierError> {
        let wait = *self.wait.lock().unwrap();
        sleep(wait).await;
        self.inner.create(access, message).await
    }

    async fn sent(
        &self,
        access: &CarrierAccess,
        from: &Address,
        to: &Address,
    ) -> Result<Vec<Sighting>, CarrierError> {
        self.inner.sent(access, from, to).await
    }
}
