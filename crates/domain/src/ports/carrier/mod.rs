//! The ports of the carrier. Every method takes the account that it acts for and its credentials.
//! Lists are complete, however many pages the carrier returns, and contain nothing of other
//! accounts. Adapters retry only requests that cannot take effect twice.
//!
//! Every method MUST return `Unauthorized` if the credentials do not give access, and `Inactive` if
//! they do, but the account or its owner is suspended or closed. A resource of another account MUST
//! look as if it did not exist. Invalid values MUST be `Refused` without changing anything.
//!
//! Every carrier has the same limits, so they are laws and not a property of the adapter:
//!
//! | ports | accepted credentials |
//! |---|---|
//! | accounts and tokens | the account's own token |
//! | all others | the account's own token, an API key, or the token of the account's owner |
//! | services, senders, and the regions of numbers | the account's own token or an API key |

mod accounts;
mod all_ports;
mod applications;
mod calls;
mod media;
mod messages;
mod numbers;
mod senders;
mod services;
mod tokens;

pub use accounts::AccountCarrier;
pub use all_ports::Carrier;
pub use applications::ApplicationCarrier;
pub use calls::CallCarrier;
pub use media::MediaCarrier;
pub use messages::{ComposeMessage, MessageCarrier};
pub use numbers::NumberCarrier;
pub use senders::SenderCarrier;
pub use services::ServiceCarrier;
pub use tokens::TokenCarrier;

#[cfg(feature = "mock")]
pub use {
    accounts::MockAccountCarrier, applications::MockApplicationCarrier, calls::MockCallCarrier,
    media::MockMediaCarrier, numbers::MockNumberCarrier, senders::MockSenderCarrier,
    services::MockServiceCarrier, tokens::MockTokenCarrier,
};
