//! Auth tokens.

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::ports::carrier::TokenCarrier;
use switchboard_domain::secret::Secret;

use crate::MemoryCarrier;
use crate::opening::Keys;

#[async_trait]
impl TokenCarrier for MemoryCarrier {
    async fn create_secondary(&self, access: &CarrierAccess) -> Result<Secret, CarrierError> {
        self.ask("token.create", access, Keys::OwnToken, |desk| {
            if desk.holding.secondary.is_some() {
                return Err(desk.refused(20009, "The account already has a secondary auth token"));
            }
            let token = Secret::new(desk.digits());
            desk.holding.secondary = Some(token.clone());
            desk.wrote(desk.account.to_string(), Configuration::new());
            Ok(token)
        })
    }

    async fn delete_secondary(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        self.ask("token.delete", access, Keys::OwnToken, |desk| {
            desk.holding.secondary.take().ok_or_else(|| desk.missing())?;
            desk.wrote(desk.account.to_string(), Configuration::new());
            Ok(())
        })
    }

    async fn promote(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        self.ask("token.promote", access, Keys::OwnToken, |desk| {
            let token = desk.holding.secondary.take().ok_or_else(|| desk.missing())?;
            desk.holding.account.token = Some(token);
            desk.wrote(desk.account.to_string(), Configuration::new());
            Ok(())
        })
    }
}
