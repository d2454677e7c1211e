//! What the carrier keeps for an account: numbers, applications, services, senders, subaccounts; how we may
//! act for the account there; and how that fails.

mod access;
mod account;
mod error;
mod messaging;
mod number;
mod outgoing;

pub use access::{ApiKey, CarrierAccess, ParentToken, Region, RegionError};
pub use account::{AccountStatus, CarrierAccount};
pub use error::{CarrierError, ErrorResponse};
pub use messaging::{CarrierSender, InboundWebhook, MessagingService};
pub use number::{Capabilities, CarrierApplication, CarrierNumber};
pub use outgoing::{CallUpdate, OutgoingMessage};
