use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError, CarrierNumber, Region};
use crate::configuration::Configuration;
use crate::phone_number::PhoneNumber;
use crate::sid::NumberSid;

/// Numbers at the carrier. Laws: `switchboard_contract::carrier::numbers`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NumberCarrier: Send + Sync {
    /// The numbers of the account itself, not of accounts that it owns, in the order of their text.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierNumber>, CarrierError>;

    /// The number, if the account has it.
    async fn find(
        &self,
        access: &CarrierAccess,
        phone_number: PhoneNumber,
    ) -> Result<Option<CarrierNumber>, CarrierError>;

    /// Changes those fields of [`Part::Number`](crate::configuration::Part::Number) that are named, and returns
    /// the number as it is then. Fields of other parts MUST be passed over. MUST return `NotFound` if the account
    /// has no such number.
    async fn update(
        &self,
        access: &CarrierAccess,
        number: NumberSid,
        changes: &Configuration,
    ) -> Result<CarrierNumber, CarrierError>;

    /// The region that processes the number's calls, if the account has the number.
    async fn region(
        &self,
        access: &CarrierAccess,
        phone_number: PhoneNumber,
    ) -> Result<Option<Region>, CarrierError>;
}
