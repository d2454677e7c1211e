//! Phone numbers and their webhook configuration at the carrier.

use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError, CarrierNumber, Region};
use crate::configuration::Configuration;
use crate::phone_number::PhoneNumber;
use crate::sender::Sender;
use crate::sid::NumberSid;

/// Reads and configures numbers at the carrier. Laws: `switchboard_contract::carrier::numbers`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NumberCarrier: Send + Sync {
    /// Lists the numbers of the account itself, without those of accounts that it owns, in the
    /// order of their text.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierNumber>, CarrierError>;

    /// Lists the short codes of the account itself, in the order of their text.
    async fn short_codes(&self, access: &CarrierAccess)
    -> Result<Vec<CarrierNumber>, CarrierError>;

    /// Returns the number or short code, if the account owns it.
    async fn find(
        &self,
        access: &CarrierAccess,
        sender: Sender,
    ) -> Result<Option<CarrierNumber>, CarrierError>;

    /// Changes the given fields of [`Part::Number`](crate::configuration::Part::Number), and
    /// returns the number or short code after the change. MUST ignore fields of other parts. MUST
    /// return `NotFound` if the account has no such number.
    async fn update(
        &self,
        access: &CarrierAccess,
        number: NumberSid,
        changes: &Configuration,
    ) -> Result<CarrierNumber, CarrierError>;

    /// Returns the region that processes the calls of the number, if the account owns the number.
    async fn region(
        &self,
        access: &CarrierAccess,
        phone_number: PhoneNumber,
    ) -> Result<Option<Region>, CarrierError>;
}
