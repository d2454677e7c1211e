//! What we need of the carrier. Each call says for whom it acts; lists are whole, however many pages they have.
//! Nothing is retried that could happen twice.

mod accounts;
mod applications;
mod calls;
mod messages;
mod numbers;
mod senders;
mod services;
mod tokens;

pub use accounts::AccountCarrier;
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
