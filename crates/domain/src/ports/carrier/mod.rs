//! What we need of the carrier. Each call says for whom it acts; lists are whole, however many pages they have, and
//! hold nothing of other accounts. Nothing is retried that could happen twice.
//!
//! Every call MUST return `Unauthorized` where the credentials do not open what it is about, and `Inactive` where
//! they do but the account or its owner is suspended or closed. What is another account's MUST be as if it were not
//! there. What makes no sense MUST be `Refused`, and then nothing changes. An API key counts in place of the token,
//! and the owner's token after either, but for accounts and tokens neither does; and the owner's token does not open
//! services, senders and regions.

mod accounts;
mod all_ports;
mod applications;
mod calls;
mod messages;
mod numbers;
mod senders;
mod services;
mod tokens;

pub use accounts::AccountCarrier;
pub use all_ports::Carrier;
pub use applications::ApplicationCarrier;
pub use calls::CallCarrier;
pub use messages::MessageCarrier;
pub use numbers::NumberCarrier;
pub use senders::SenderCarrier;
pub use services::ServiceCarrier;
pub use tokens::TokenCarrier;

#[cfg(feature = "mock")]
pub use {
    accounts::MockAccountCarrier, applications::MockApplicationCarrier, calls::MockCallCarrier,
    messages::MockMessageCarrier, numbers::MockNumberCarrier, senders::MockSenderCarrier,
    services::MockServiceCarrier, tokens::MockTokenCarrier,
};
