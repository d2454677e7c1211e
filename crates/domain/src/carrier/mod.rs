//! The resources of an account at the carrier (numbers, applications, services, senders, media, subaccounts), the credentials
//! for requests, and the errors of requests.

mod access;
mod account;
mod error;
mod media;
mod messaging;
mod number;
mod outgoing;

pub use access::{ApiKey, CarrierAccess, ParentToken, Region, RegionError};
pub use account::{AccountStatus, CarrierAccount};
pub use error::{CarrierError, ErrorResponse};
pub use media::{MediaFile, MediaLocation};
pub use messaging::{CarrierSender, InboundWebhook, MessagingService};
pub use number::{Capabilities, CarrierApplication, CarrierNumber};
pub use outgoing::{CallUpdate, OutgoingMessage};
