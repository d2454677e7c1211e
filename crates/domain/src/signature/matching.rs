//! Matches a signature against the variants of a URL and the keys, with a limit.

use super::header::Signature;
use super::key::SigningKey;
use super::message::Message;
use super::public_url::PublicUrl;
use super::request::{Content, SignedRequest};
use super::url_variants::{Target, TrailingSlash, find_variant};

/// Matches one request with its signature and counts the HMACs.
pub(super) struct Matcher<'a> {
    message: Message<'a>,
    signature: &'a Signature,
    is_query: bool,
    hmac_count: usize,
    max_hmacs: usize,
}

impl<'a> Matcher<'a> {
    /// Creates a matcher that computes at most `max_hmacs` HMACs. Returns `None` if no signature can match the request.
    pub(super) fn new(
        request: &SignedRequest<'a>,
        signature: &'a Signature,
        max_hmacs: usize,
    ) -> Option<Self> {
        let message = Message::of(request.signed_form()?);
        let is_query = matches!(request.content, Content::Query);
        Some(Self { message, signature, is_query, hmac_count: 0, max_hmacs })
    }

    /// Index of the key that signed the request at this URL. Each variant is built once and tried with each key.
    pub(super) fn matching_key(
        &mut self,
        keys: &[SigningKey],
        url: &PublicUrl,
        target: &Target<'_>,
    ) -> Option<usize> {
        let slash = if self.is_query && url.is_websocket() {
            TrailingSlash::Either
        } else {
            TrailingSlash::AsReceived
        };
        let matched = find_variant(url, target, slash, |variant| {
            let message = self.message.with_url(variant);
            for (index, key) in keys.iter().enumerate() {
                if self.hmac_count == self.max_hmacs {
                    return Some(None);
                }
                self.hmac_count += 1;
                if key.verifies(message, self.signature) {
                    return Some(Some(index));
                }
            }
            None
        });
        matched.flatten()
    }

    /// Number of HMACs computed so far.
    #[cfg(test)]
    pub(super) fn hmac_count(&self) -> usize {
        self.hmac_count
    }
}
