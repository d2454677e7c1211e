//! Messaging Services.

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, InboundWebhook, MessagingService};
use switchboard_domain::configuration::{Configuration, Field};
use switchboard_domain::ports::carrier::ServiceCarrier;
use switchboard_domain::sid::{NumberSid, ServiceSid};

use crate::MemoryCarrier;
use crate::auth::Keys;

#[async_trait]
impl ServiceCarrier for MemoryCarrier {
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<MessagingService>, CarrierError> {
        self.ask("service.list", access, Keys::Own, |op| {
            Ok(op.stored.services.values().map(|stored| stored.service.clone()).collect())
        })
    }

    async fn pool(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
    ) -> Result<Vec<NumberSid>, CarrierError> {
        self.ask("service.pool", access, Keys::Own, |op| {
            let stored = op.stored.services.get(&service).ok_or_else(|| op.missing())?;
            Ok(stored.pool.iter().copied().collect())
        })
    }

    async fn set_inbound_webhook(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
        webhook: InboundWebhook,
    ) -> Result<(), CarrierError> {
        self.ask("service.update", access, Keys::Own, |op| {
            let Some(stored) = op.stored.services.get_mut(&service) else {
                return Err(op.missing());
            };
            stored.service.inbound_webhook = webhook;
            let written = Configuration::new().with(Field::ServiceDefers, webhook.as_setting());
            op.wrote(service.to_string(), written);
            Ok(())
        })
    }
}
