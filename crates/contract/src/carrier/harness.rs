//! What an adapter provides to run the laws.

use super::{CarrierFixture, Inventory};
use crate::prelude::*;

/// An adapter under test: a carrier, and everything that must live as long as it.
pub trait CarrierHarness: Sized {
    /// Creates a carrier that no other law uses and that contains exactly this inventory. A list
    /// with pages MUST have at most seven entries per page. MUST panic if the carrier cannot be
    /// created, so that a law that did not run does not pass.
    fn holding(inventory: &Inventory) -> impl Future<Output = Self>;

    /// The carrier under test.
    fn carrier(&self) -> Arc<dyn Carrier>;

    /// Starts a call of the account, which stays in progress.
    fn call(&self, account: AccountSid) -> impl Future<Output = CallSid>;

    /// Returns an observer of effects that no port returns.
    fn witness(&self) -> Arc<dyn Witness>;
}

/// Observes the messages and calls of accounts.
pub trait Witness: Send + Sync {
    /// The messages that the account has sent, in any order.
    fn messages(&self, account: AccountSid) -> Vec<SentMessage>;

    /// The current state of a call of the account.
    fn call(&self, account: AccountSid, call: CallSid) -> CallNow;
}

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "each field is the one of the message that was to be sent, as text"
)]
pub struct SentMessage {
    pub sid: String,
    pub to: String,
    pub from: String,
    pub body: String,
    pub media: Vec<String>,
    pub status_callback: String,
}

/// The state of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallNow {
    /// The last URL that the call was redirected to, or the last `TwiML` that it was given.
    pub instructions: String,
    /// Whether it has ended.
    pub is_over: bool,
}

/// Checks one law on a new carrier.
pub async fn check<H: CarrierHarness>(law: impl AsyncFnOnce(&CarrierFixture)) {
    let inventory = Inventory::sample();
    let harness = H::holding(&inventory).await;
    let fixture = CarrierFixture::of(&harness, inventory).await;
    law(&fixture).await;
}
