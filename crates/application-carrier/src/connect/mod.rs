//! Twilio Connect: a customer authorizes our app, and its account is connected without a token of its own.

mod complete;
mod deauthorize;
mod invite;
mod removal;
#[cfg(test)]
mod tests;

pub use complete::{CompleteConnect, NotConnected};
pub use deauthorize::Deauthorize;
pub use invite::{ConnectError, ConnectInvitation, InviteAccount};
pub use removal::{RemoveDisconnected, RemovedAccounts};
