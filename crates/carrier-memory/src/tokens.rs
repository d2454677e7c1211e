//! Auth tokens.

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::ports::carrier::TokenCarrier;
use switchboard_domain::secret::Secret;

use crate::MemoryCarrier;
use crate::auth::Keys;

#[async_trait]
impl TokenCarrier for MemoryCarrier {
    async fn create_secondary(&self, access: &CarrierAccess) -> Result<Secret, CarrierError> {
        self.ask("token.create", access, Keys::OwnToken, |op| {
            if op.stored.secondary.is_some() {
                return Err(op.refused(20009, "The account already has a secondary auth token"));
            }
            let token = Secret::new(op.digits());
            op.stored.secondary = Some(token.clone());
            op.wrote(op.account.to_string(), Configuration::new());
            Ok(token)
        })
    }

    async fn delete_secondary(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        self.ask("token.delete", access, Keys::OwnToken, |op| {
            op.stored.secondary.take().ok_or_else(|| op.missing())?;
            op.wrote(op.account.to_string(), Configuration::new());
            Ok(())
        })
    }

    async fn promote(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        self.ask("token.promote", access, Keys::OwnToken, |op| {
            let token = op.stored.secondary.take().ok_or_else(|| op.missing())?;
            op.stored.account.token = Some(token);
            op.wrote(op.account.to_string(), Configuration::new());
            Ok(())
        })
    }
}
