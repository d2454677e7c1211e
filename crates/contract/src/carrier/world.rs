//! What a law finds: a carrier that keeps something for several accounts.

use std::ops::Deref;
use std::sync::Arc;

use switchboard_domain::carrier::CarrierNumber;
use switchboard_domain::sid::CallSid;

use super::{CarrierHarness, Carriers, Estate, Holding, Witness};

/// A carrier with everything of [`Estate`]. It derefs to the ports.
pub struct CarrierWorld {
    carriers: Carriers,
    /// All accounts.
    pub estate: Estate,
    /// A call of the main account that is not over.
    pub call: CallSid,
    /// A call of the subaccount that is not over.
    pub foreign_call: CallSid,
    /// Somebody who sees what no port tells.
    pub witness: Arc<dyn Witness>,
}

impl Deref for CarrierWorld {
    type Target = Carriers;

    fn deref(&self) -> &Carriers {
        &self.carriers
    }
}

impl CarrierWorld {
    pub(crate) async fn of<H: CarrierHarness>(harness: &H, estate: Estate) -> Self {
        let [main, subaccount] = [0, 1].map(|n| estate.holdings[n].account.sid);
        Self {
            carriers: harness.carriers(),
            call: harness.call(main).await,
            foreign_call: harness.call(subaccount).await,
            witness: harness.witness(),
            estate,
        }
    }

    /// The account that owns the others.
    pub fn main(&self) -> &Holding {
        &self.estate.holdings[0]
    }

    /// An account that the main one owns.
    pub fn sub(&self) -> &Holding {
        &self.estate.holdings[1]
    }

    /// The accounts that may do nothing: a suspended and a closed one.
    pub fn inactive(&self) -> &[Holding] {
        &self.estate.holdings[2..4]
    }

    /// An account that holds nothing.
    pub fn bare(&self) -> &Holding {
        &self.estate.holdings[4]
    }

    /// A number as it is now.
    pub(super) async fn now(&self, owner: &Holding, number: &CarrierNumber) -> CarrierNumber {
        let found = self.numbers.find(&owner.access(), number.phone_number).await;
        found.unwrap().unwrap()
    }
}
