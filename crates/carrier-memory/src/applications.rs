//! TwiML applications.

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierApplication, CarrierError};
use switchboard_domain::ports::carrier::ApplicationCarrier;

use crate::MemoryCarrier;
use crate::auth::Keys;

#[async_trait]
impl ApplicationCarrier for MemoryCarrier {
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierApplication>, CarrierError> {
        self.ask("application.list", access, Keys::OwnOrParent, |op| {
            Ok(op.stored.applications.values().cloned().collect())
        })
    }
}
