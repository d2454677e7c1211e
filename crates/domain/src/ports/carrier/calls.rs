//! Calls in progress at the carrier.

use async_trait::async_trait;

use crate::carrier::{CallUpdate, CarrierAccess, CarrierError};
use crate::sid::CallSid;

/// Changes calls in progress at the carrier. Laws: `switchboard_contract::carrier::calls`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallCarrier: Send + Sync {
    /// Redirects a call, gives it new TwiML, or ends it. MUST return `NotFound` if the account has
    /// no such call.
    async fn update(
        &self,
        access: &CarrierAccess,
        call: CallSid,
        update: &CallUpdate,
    ) -> Result<(), CarrierError>;
}
