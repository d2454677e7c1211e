//! What a law finds: a carrier that keeps something for several accounts.

use super::{CarrierHarness, Holding, Inventory, Witness};
use crate::prelude::*;

/// A carrier with everything of [`Inventory`]. It derefs to the carrier.
pub struct CarrierFixture {
    carrier: Arc<dyn Carrier>,
    /// All accounts.
    pub inventory: Inventory,
    /// A call of the main account that is not over.
    pub call: CallSid,
    /// A call of the subaccount that is not over.
    pub foreign_call: CallSid,
    /// Somebody who sees what no port tells.
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

    /// An account that the main one owns.
    pub fn sub(&self) -> &Holding {
        &self.inventory.holdings[1]
    }

    /// The accounts that may do nothing: a suspended and a closed one.
    pub fn inactive(&self) -> &[Holding] {
        &self.inventory.holdings[2..4]
    }

    /// An account that holds nothing.
    pub fn bare(&self) -> &Holding {
        &self.inventory.holdings[4]
    }

    /// A number as it is now.
    pub(super) async fn now(&self, owner: &Holding, number: &CarrierNumber) -> CarrierNumber {
        let found = self.numbers().find(&owner.access(), number.phone_number).await;
        found.unwrap().unwrap()
    }
}
