//! The fixture of the laws: a carrier with several accounts.

use super::{CarrierHarness, Holding, Inventory, Witness};
use crate::prelude::*;

/// A carrier that contains an [`Inventory`]. It derefs to the carrier.
pub struct CarrierFixture {
    carrier: Arc<dyn Carrier>,
    /// All accounts with their resources.
    pub inventory: Inventory,
    /// A call of the main account that is in progress.
    pub call: CallSid,
    /// A call of the subaccount that is in progress.
    pub foreign_call: CallSid,
    /// Observes what no port returns.
    pub witness: Arc<dyn Witness>,
}

impl Deref for CarrierFixture {
    type Target = dyn Carrier;

    fn deref(&self) -> &Self::Target {
        self.carrier.as_ref()
    }
}

impl CarrierFixture {
    pub(crate) async fn of<H: CarrierHarness>(harness: &H, inventory: Inventory) -> Self {
        let [main, subaccount] = [0, 1].map(|n| inventory.holdings[n].account.sid);
        Self {
            carrier: harness.carrier(),
            call: harness.call(main).await,
            foreign_call: harness.call(subaccount).await,
            witness: harness.witness(),
            inventory,
        }
    }

    /// The account that owns the others.
    pub fn main(&self) -> &Holding {
        &self.inventory.holdings[0]
    }

    /// An account that the main account owns.
    pub fn sub(&self) -> &Holding {
        &self.inventory.holdings[1]
    }

    /// A suspended and a closed account.
    pub fn inactive(&self) -> &[Holding] {
        &self.inventory.holdings[2..4]
    }

    /// An account that has authorized a Connect app of [`CarrierFixture::sub`].
    pub fn connected(&self) -> &Holding {
        &self.inventory.holdings[5]
    }

    /// An account without resources.
    pub fn bare(&self) -> &Holding {
        &self.inventory.holdings[4]
    }

    /// The current state of a number.
    pub(super) async fn now(&self, owner: &Holding, number: &CarrierNumber) -> CarrierNumber {
        let found = self.numbers().find(&owner.access(), number.sender).await;
        found.unwrap().unwrap()
    }
}
