//! What an adapter gives to be held to the laws.

use super::{CarrierFixture, Inventory};
use crate::prelude::*;

/// An adapter under test: one carrier, with whatever must live as long as it.
pub trait CarrierHarness: Sized {
    /// A carrier that nobody else uses and that keeps just this. Lists that come in pages MUST come in pages of at
    /// most seven. It MUST panic where that cannot be had: a law that was not tried must not look as if it held.
    fn holding(inventory: &Inventory) -> impl Future<Output = Self>;

    /// The carrier.
    fn carrier(&self) -> Arc<dyn Carrier>;

    /// A call of the account that is not over.
    fn call(&self, account: AccountSid) -> impl Future<Output = CallSid>;

    /// Somebody who sees what no port tells.
    fn witness(&self) -> Arc<dyn Witness>;
}

/// Sees what became of messages and calls.
pub trait Witness: Send + Sync {
    /// The messages that the account sent, in any order.
    fn messages(&self, account: AccountSid) -> Vec<SentMessage>;

    /// What a call of the account does now.
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

/// What a call does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallNow {
    /// The URL that it was sent to, or the `TwiML` that it was given, last.
    pub instructions: String,
    /// Whether it has ended.
    pub is_over: bool,
}

/// Checks one law on a fresh carrier.
pub async fn check<H: CarrierHarness>(law: impl AsyncFnOnce(&CarrierFixture)) {
    let inventory = Inventory::sample();
    let harness = H::holding(&inventory).await;
    let fixture = CarrierFixture::of(&harness, inventory).await;
    law(&fixture).await;
}
