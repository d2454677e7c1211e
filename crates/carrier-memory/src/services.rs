//! Messaging Services.

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, MessagingService};
use switchboard_domain::configuration::{Configuration, Field};
use switchboard_domain::ports::carrier::ServiceCarrier;
use switchboard_domain::sid::{NumberSid, ServiceSid};

use crate::MemoryCarrier;
use crate::opening::Keys;

#[async_trait]
impl ServiceCarrier for MemoryCarrier {
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<MessagingService>, CarrierError> {
        self.ask("service.list", access, Keys::Own, |desk| {
            Ok(desk.holding.services.values().map(|keeping| keeping.service.clone()).collect())
        })
    }

    async fn pool(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
    ) -> Result<Vec<NumberSid>, CarrierError> {
        self.ask("service.pool", access, Keys::Own, |desk| {
            let keeping = desk.holding.services.get(&service).ok_or_else(|| desk.missing())?;
            Ok(keeping.pool.iter().copied().collect())
        })
    }

    async fn defer(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
        defers_to_number: bool,
    ) -> Result<(), CarrierError> {
        self.ask("service.update", access, Keys::Own, |desk| {
            let Some(keeping) = desk.holding.services.get_mut(&service) else {
                return Err(desk.missing());
            };
            keeping.service.defers_to_number = defers_to_number;
            let defers = defers_to_number.to_string();
            desk.wrote(
                service.to_string(),
                Configuration::new().with(Field::ServiceDefers, defers),
            );
            Ok(())
        })
    }
}
