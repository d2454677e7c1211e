//! The endpoint that every webhook passes: read, find the account, check the signature.

use std::sync::Arc;

use switchboard_domain::authentication::{Validation, Verified, VerifiedBy, authenticate};
use switchboard_domain::claimed_account::{FieldSource, claimed_account};
use switchboard_domain::field::FieldError;
use switchboard_domain::form::Form;
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::{Endpoint, Refusal};
use switchboard_domain::routing::{Bound, Route};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::{Content, PublicUrl, SignedRequest};

use crate::account_cache::AccountCache;
use crate::error::WebhookError;
use crate::rejection_log::{RejectionLog, Sample};

/// Where a request's parameters are.
#[derive(Clone, Copy)]
pub enum Parameters<'a> {
    /// In a form body.
    Form(&'a [u8]),
    /// In the query: a GET.
    Query,
    /// In the query, with a body of another type that `bodySHA256` covers.
    Body(&'a [u8]),
}

/// A webhook as it came.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// Path and query, exactly as received.
    pub target: &'a str,
    /// Where the parameters are.
    pub parameters: Parameters<'a>,
    /// The `X-Twilio-Signature` header.
    pub signature: Option<&'a str>,
    /// Finds the host names that the request's headers name. They never influence the check; they only help to
    /// say afterwards why it failed.
    pub hosts: &'a dyn Fn() -> Vec<String>,
}

impl WebhookRequest<'_> {
    const fn source(&self) -> FieldSource {
        match self.parameters {
            Parameters::Form(_) => FieldSource::Body,
            Parameters::Query | Parameters::Body(_) => FieldSource::Query,
        }
    }

    fn form(&self) -> Result<Form, FieldError> {
        let raw = match self.parameters {
            Parameters::Form(body) => body,
            Parameters::Query | Parameters::Body(_) => {
                self.target.split_once('?').map_or(&[][..], |(_path, query)| query.as_bytes())
            }
        };
        Ok(Form::parse(raw)?)
    }
}

/// Reads and checks webhooks.
pub struct Authenticator {
    validation: Validation,
    urls: Vec<PublicUrl>,
    accounts: Arc<AccountCache>,
    rejections: Arc<RejectionLog>,
    clock: Arc<dyn Clock>,
}

/// A request that passed.
pub(crate) struct VerifiedRequest<'a> {
    pub(crate) verified: Verified,
    pub(crate) form: Form,
    endpoint: Endpoint,
    request: &'a WebhookRequest<'a>,
}

impl Authenticator {
    /// A endpoint that checks signatures for `urls`, the first of which is the one that is shown to Twilio.
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

    pub(crate) fn enter<'a>(
        &self,
        endpoint: Endpoint,
        request: &'a WebhookRequest<'a>,
    ) -> Result<VerifiedRequest<'a>, WebhookError> {
        let form = request.form()?;
        let claimed = claimed_account(&form, request.source())?;
        let signed = signed_request(request, &form);
        let verdict = self.accounts.with(claimed, |known| {
            authenticate(self.validation, claimed, known, &self.urls, &signed, request.signature)
        });
        match verdict {
            Ok(verified) => {
                if let VerifiedBy::Reported(refusal) = verified.verified_by() {
                    self.note(endpoint, refusal, claimed, request);
                }
                Ok(VerifiedRequest { verified, form, endpoint, request })
            }
            Err(refusal) => {
                self.note(endpoint, refusal, claimed, request);
                Err(WebhookError::Refused(refusal))
            }
        }
    }

    /// Binds a request to the number that it is about.
    pub(crate) fn bind<'r>(
        &self,
        verified_request: &mut VerifiedRequest<'_>,
        route: Option<&'r Route>,
    ) -> Result<Bound<'r>, WebhookError> {
        let before = verified_request.verified.verified_by();
        let account = verified_request.verified.account();
        match verified_request.verified.bind(route) {
            Ok(bound) => {
                let after = verified_request.verified.verified_by();
                if let (VerifiedBy::Reported(refusal), true) = (after, after != before) {
                    self.note(
                        verified_request.endpoint,
                        refusal,
                        account,
                        verified_request.request,
                    );
                }
                Ok(bound)
            }
            Err(refusal) => {
                self.note(verified_request.endpoint, refusal, account, verified_request.request);
                Err(WebhookError::Refused(refusal))
            }
        }
    }

    fn note(
        &self,
        endpoint: Endpoint,
        refusal: Refusal,
        claimed: AccountSid,
        request: &WebhookRequest<'_>,
    ) {
        self.rejections.note(endpoint, refusal, claimed, self.clock.now(), || Sample::of(request));
    }
}

/// The part of a request that a signature covers.
pub(crate) fn signed_request<'a>(
    request: &WebhookRequest<'a>,
    form: &'a Form,
) -> SignedRequest<'a> {
    let content = match request.parameters {
        Parameters::Form(_) => Content::Form(form),
        Parameters::Query => Content::Query,
        Parameters::Body(body) => Content::Raw(body),
    };
    SignedRequest { target: request.target, content }
}
