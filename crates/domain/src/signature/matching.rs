//! Trying keys and spellings, and counting.

use super::header::Signature;
use super::key::SigningKey;
use super::message::Message;
use super::public_url::PublicUrl;
use super::request::{Content, SignedRequest};
use super::url_variants::{Slash, Target, find_spelling};

/// The attempts to match one request with its signature.
pub(super) struct Attempts<'a> {
    message: Message<'a>,
    signature: &'a Signature,
    is_query: bool,
    made: usize,
    most: usize,
}

impl<'a> Attempts<'a> {
    /// Prepares at most so many attempts; `None` where no signature can fit the request.
    pub(super) fn new(
        request: &SignedRequest<'a>,
        signature: &'a Signature,
        most: usize,
    ) -> Option<Self> {
        let message = Message::of(request.signed_form()?);
        let is_query = matches!(request.content, Content::Query);
        Some(Self { message, signature, is_query, made: 0, most })
    }

    /// Which of the keys signed the request at this URL. Each spelling is written once and tried with each key.
    pub(super) fn matching_key(
        &mut self,
        keys: &[SigningKey],
        url: &PublicUrl,
        target: &Target<'_>,
    ) -> Option<usize> {
        let slash =
            if self.is_query && url.is_websocket() { Slash::Either } else { Slash::AsReceived };
        let matched = find_spelling(url, target, slash, |spelling| {
            let message = self.message.with_url(spelling);
            for (index, key) in keys.iter().enumerate() {
                if self.made == self.most {
                    return Some(None);
                }
                self.made += 1;
                if key.fits(message, self.signature) {
                    return Some(Some(index));
                }
            }
            None
        });
        matched.flatten()
    }

    /// How many attempts were made: one HMAC each.
    #[cfg(test)]
    pub(super) fn made(&self) -> usize {
        self.made
    }
}
