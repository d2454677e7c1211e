//! Calls in progress.

use async_trait::async_trait;
use switchboard_domain::carrier::{CallUpdate, CarrierAccess, CarrierError};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::ports::carrier::CallCarrier;
use switchboard_domain::sid::CallSid;

use crate::MemoryCarrier;
use crate::auth::Keys;

#[async_trait]
impl CallCarrier for MemoryCarrier {
    async fn update(
        &self,
        access: &CarrierAccess,
        call: CallSid,
        update: &CallUpdate,
    ) -> Result<(), CarrierError> {
        self.ask("call.update", access, Keys::OwnOrParent, |op| {
            let Some(stored) = op.stored.calls.get_mut(&call) else { return Err(op.missing()) };
            if stored.is_over {
                return Err(op.refused(21220, "Call is not in-progress. Cannot redirect."));
            }
            match update {
                CallUpdate::Complete => stored.is_over = true,
                CallUpdate::Redirect(_) | CallUpdate::Continue(_) => {
                    stored.instructions = Some(update.clone());
                }
            }
            op.wrote(call.to_string(), Configuration::new());
            Ok(())
        })
    }
}
