//! Authenticates webhooks: parses the form, finds the account's keys, and checks the signature.

use std::sync::Arc;

use switchboard_domain::authentication::{Validation, VerifiedBy, authenticate};
use switchboard_domain::claimed_account::claimed_account;
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::{Endpoint, Refusal};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::PublicUrl;

use crate::account_cache::AccountCache;
use crate::error::{WebhookError, WebhookFailure};
use crate::rejection_log::{RejectionLog, Sample};
use crate::verified_webhook::VerifiedWebhook;
use crate::webhook_request::WebhookRequest;

/// Authenticates webhooks.
pub struct Authenticator {
    validation: Validation,
    urls: Vec<PublicUrl>,
    accounts: Arc<AccountCache>,
    rejections: Arc<RejectionLog>,
    clock: Arc<dyn Clock>,
}

impl Authenticator {
    /// Creates an authenticator that checks signatures against `urls`. The first URL is the one
    /// that Twilio is configured with.
    pub fn new(
        validation: Validation,
        urls: Vec<PublicUrl>,
        accounts: Arc<AccountCache>,
        rejections: Arc<RejectionLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { validation, urls, accounts, rejections, clock }
    }

    /// How strictly signatures are checked.
    pub const fn validation(&self) -> Validation {
        self.validation
    }

    /// Checks a request's signature with the keys of the account that it names.
    pub(crate) fn verify<'a>(
        &self,
        endpoint: Endpoint,
        request: &'a WebhookRequest<'a>,
    ) -> Result<VerifiedWebhook<'a>, WebhookFailure> {
        let form = request.form().map_err(WebhookFailure::unverified)?;
        let claimed =
            claimed_account(&form, request.source()).map_err(WebhookFailure::unverified)?;
        let signed = request.signed(&form);
        let verdict = self.accounts.with(claimed, |known| {
            authenticate(self.validation, claimed, known, &self.urls, &signed, request.signature)
        });
        match verdict {
            Ok(verified) => {
                if let VerifiedBy::Reported(refusal) = verified.verified_by() {
                    self.note(endpoint, refusal, claimed, request);
                }
                Ok(VerifiedWebhook::new(verified, endpoint, request, form))
            }
            Err(refusal) => {
                self.note(endpoint, refusal, claimed, request);
                Err(WebhookFailure::unverified(WebhookError::Refused(refusal)))
            }
        }
    }

    /// Counts a request that cannot be read. `account` is the account that signed it; `None` if it
    /// is unknown.
    pub fn note_unreadable(&self, endpoint: Endpoint, account: Option<AccountSid>) {
        self.rejections.note_endpoint(endpoint, Refusal::Unreadable, account, self.clock.now());
    }

    /// Counts a request from a network that is not allowed.
    pub fn note_source(&self, endpoint: Endpoint) {
        self.rejections.note_endpoint(endpoint, Refusal::SourceRefused, None, self.clock.now());
    }

    /// Counts a refused request, or one that is accepted only because validation is set to
    /// `report`.
    pub(crate) fn note(
        &self,
        endpoint: Endpoint,
        refusal: Refusal,
        claimed: AccountSid,
        request: &WebhookRequest<'_>,
    ) {
        let sample = || Sample::of(request);
        self.rejections.note(endpoint, refusal, claimed, self.clock.now(), sample);
    }
}
