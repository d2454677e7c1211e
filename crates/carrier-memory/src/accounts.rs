//! Accounts.

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierAccount, CarrierError};
use switchboard_domain::ports::carrier::AccountCarrier;

use crate::MemoryCarrier;
use crate::auth::Keys;

#[async_trait]
impl AccountCarrier for MemoryCarrier {
    async fn fetch(&self, access: &CarrierAccess) -> Result<CarrierAccount, CarrierError> {
        self.ask("account.fetch", access, Keys::OwnToken, |op| Ok(op.stored.account.clone()))
    }

    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierAccount>, CarrierError> {
        let sid =
            self.ask("account.list", access, Keys::OwnToken, |op| Ok(op.stored.account.sid))?;
        let state = self.state();
        let accounts = state.accounts.values().map(|stored| &stored.account);
        let reached = accounts.filter(|account| account.sid == sid || account.owner == sid);
        Ok(reached.cloned().collect())
    }
}
