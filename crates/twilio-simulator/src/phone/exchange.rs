//! Where calls and messages are put through.

use super::call::{self, CallReport, InboundCall};
use super::delivery::Detour;
use super::message::{self, InboundMessage, MessageReport};
use super::network::{Network, NetworkError};
use super::sids::Sids;
use super::transcript::{Entry, Recorder};

/// Puts calls and messages through to the customers' servers, any number of them at once.
pub struct Exchange {
    network: Network,
    sids: Sids,
}

impl Exchange {
    /// An exchange whose new SIDs come from `sids`, and which reaches some public URLs elsewhere.
    pub fn new(sids: Sids, detours: Vec<Detour>) -> Result<Self, NetworkError> {
        Ok(Self { network: Network::new(detours)?, sids })
    }

    /// Puts a call through, until it is over. `watch` sees each entry of the transcript when it is written.
    pub async fn call(&self, order: InboundCall, watch: &(dyn Fn(&Entry) + Sync)) -> CallReport {
        let recorder = Recorder::new(watch);
        let outcome = call::run(&self.network, &self.sids, &recorder, order).await;
        outcome.with(recorder.finish())
    }

    /// Delivers a message, and what is sent in answer.
    pub async fn message(
        &self,
        order: InboundMessage,
        watch: &(dyn Fn(&Entry) + Sync),
    ) -> MessageReport {
        let recorder = Recorder::new(watch);
        let (sid, replies) = message::run(&self.network, &self.sids, &recorder, &order).await;
        MessageReport { sid, replies, transcript: recorder.finish() }
    }
}
