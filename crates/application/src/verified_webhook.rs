//! A webhook with a checked signature, and the identifiers for its log lines.

use std::cell::OnceCell;

use switchboard_domain::authentication::Verified;
use switchboard_domain::field::FieldError;
use switchboard_domain::form::Form;
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::sid::{AccountSid, CallSid, EventSid, MessageSid};
use tracing::Span;

use crate::error::{Subject, WebhookError, WebhookFailure};
use crate::webhook_request::WebhookRequest;

/// A webhook with a checked signature. Only the authenticator creates one.
pub(crate) struct VerifiedWebhook<'a> {
    pub(crate) verified: Verified,
    pub(crate) context: RequestContext<'a>,
}

impl<'a> VerifiedWebhook<'a> {
    pub(crate) fn new(
        verified: Verified,
        endpoint: Endpoint,
        request: &'a WebhookRequest<'a>,
        form: Form,
    ) -> Self {
        let account = verified.account();
        let context = RequestContext { endpoint, request, form, account, span: OnceCell::new() };
        Self { verified, context }
    }

    /// Reads the fields that a use case needs.
    pub(crate) fn read<T>(
        &self,
        parse: impl FnOnce(&Form) -> Result<T, FieldError>,
    ) -> Result<T, WebhookFailure> {
        parse(&self.context.form).map_err(|error| self.context.failure(error))
    }
}

/// The values that are the same from the verified request to its answer.
pub(crate) struct RequestContext<'a> {
    pub(crate) endpoint: Endpoint,
    pub(crate) request: &'a WebhookRequest<'a>,
    pub(crate) form: Form,
    account: AccountSid,
    span: OnceCell<Span>,
}

impl RequestContext<'_> {
    /// Returns the span of the request. Log lines of a port that the request waits for contain its
    /// endpoint and SIDs.
    ///
    /// The span is opened when the request first waits or logs. Opening a span takes at least a
    /// quarter of the time of a cached answer (ADR 0017), which does neither.
    pub(crate) fn span(&self) -> &Span {
        self.span.get_or_init(|| {
            let event = self.event();
            tracing::error_span!(
                "webhook",
                endpoint = self.endpoint.as_str(),
                call.sid = event.as_ref().and_then(EventSid::call).map(tracing::field::display),
                message.sid = event.as_ref().and_then(EventSid::message).map(tracing::field::display),
                account.sid = %self.account,
            )
        })
    }

    /// The failure of this request.
    pub(crate) fn failure(&self, error: impl Into<WebhookError>) -> WebhookFailure {
        let subject = Subject { account: self.account, event: self.event() };
        WebhookFailure { error: error.into(), subject: Some(Box::new(subject)) }
    }

    /// The call or message, parsed from the form again, because only failures and waits need it.
    fn event(&self) -> Option<EventSid> {
        let only = |name| self.form.only(name).ok().flatten();
        let message = || only("MessageSid").and_then(|text| MessageSid::parse(text).ok());
        let call = || only("CallSid").and_then(|text| CallSid::parse(text).ok());
        message().map(EventSid::Message).or_else(|| call().map(EventSid::Call))
    }
}
