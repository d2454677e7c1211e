//! Calls webhooks with retries, injected faults, and transcript entries.

use std::time::Instant;

use reqwest::Client;
use switchboard_domain::secret::Secret;
use switchboard_domain::signature::SigningKey;
use tokio::time::timeout_at;
use url::Url;

use super::attempt::{Attempt, AttemptError, Channel, RetryClass, shown_url};
use super::connection_overrides::ConnectionOverrides;
use super::fault::{Fault, PendingFaults};
use super::response::WebhookResponse;
use super::truncated_request::send_half;
use crate::phone::sids::Sids;
use crate::phone::transcript::{Alert, Event, Purpose, Recorder, Request};
use crate::phone::transport::Transport;
use crate::phone::webhook::{Method, Signer, Webhook};

/// Signs requests with [`Fault::WrongToken`].
const WRONG_TOKEN: &str = "00000000000000000000000000000000";

/// Calls the webhooks of one call or message.
pub(crate) struct WebhookClient<'a> {
    transport: &'a Transport,
    sids: &'a Sids,
    recorder: &'a Recorder<'a>,
    key: SigningKey,
    wrong_key: SigningKey,
    channel: Channel,
    faults: PendingFaults,
}

/// A request with everything that is equal in all attempts.
struct Prepared<'a> {
    purpose: Purpose,
    method: Method,
    url: Url,
    fields: &'a [(String, String)],
    fault: Option<Fault>,
    idempotency_token: String,
}

impl<'a> WebhookClient<'a> {
    /// Creates a client. If the token is empty, a decoy key signs, which no server accepts.
    pub(crate) fn new(
        transport: &'a Transport,
        sids: &'a Sids,
        recorder: &'a Recorder<'a>,
        signer: &Signer,
        channel: Channel,
        faults: PendingFaults,
    ) -> Self {
        let key = SigningKey::new(&signer.token).unwrap_or_else(SigningKey::decoy);
        let wrong_key = SigningKey::new(&Secret::new(WRONG_TOKEN.to_owned()));
        let wrong_key = wrong_key.unwrap_or_else(SigningKey::decoy);
        Self { transport, sids, recorder, key, wrong_key, channel, faults }
    }

    /// Takes the pending fault for a request.
    pub(crate) fn due_fault(&self, purpose: Purpose) -> Option<Fault> {
        self.faults.take(purpose)
    }

    /// Calls a URL. The error is what Twilio's debugger shows.
    pub(crate) async fn deliver(
        &self,
        purpose: Purpose,
        webhook: &Webhook,
        fields: &[(String, String)],
    ) -> Result<WebhookResponse, Alert> {
        self.deliver_with(self.due_fault(purpose), purpose, webhook, fields).await
    }

    /// Calls a URL with this fault.
    pub(crate) async fn deliver_with(
        &self,
        fault: Option<Fault>,
        purpose: Purpose,
        webhook: &Webhook,
        fields: &[(String, String)],
    ) -> Result<WebhookResponse, Alert> {
        let invalid = |text| Alert::error(11_100, text);
        let url = Url::parse(&webhook.url).map_err(|_not_a_url| invalid("invalid URL"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(invalid("the URL is neither http:// nor https://"));
        }
        let overrides = ConnectionOverrides::parse(url.fragment())?;
        let idempotency_token = self.sids.idempotency_token();
        let method = webhook.method;
        let prepared = Prepared { purpose, method, url, fields, fault, idempotency_token };
        if let Some(delay) = fault.and_then(Fault::delay) {
            tokio::time::sleep(delay).await;
        }
        let answered = self.attempts(&prepared, &overrides).await;
        if fault == Some(Fault::Duplicate) {
            let _answer_to_the_first_counts = self.attempts(&prepared, &overrides).await;
        }
        answered
    }

    /// Makes attempts until one succeeds or no retry is allowed.
    async fn attempts(
        &self,
        prepared: &Prepared<'_>,
        overrides: &ConnectionOverrides,
    ) -> Result<WebhookResponse, Alert> {
        let own = (*overrides != ConnectionOverrides::default())
            .then(|| self.transport.http_with(overrides.connect, overrides.read))
            .transpose()
            .map_err(|_not_built| Alert::error(12_400, "cannot build the HTTP client"))?;
        let client = own.as_ref().unwrap_or_else(|| self.transport.http());
        let deadline = tokio::time::Instant::now() + overrides.total;
        let mut number = 1;
        loop {
            let answered = self.attempt(prepared, client, number, deadline).await;
            let failure = match answered {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let is_retried = match failure.retry_class {
                RetryClass::Connect => overrides.retried.connect,
                RetryClass::Read => overrides.retried.read,
                RetryClass::Status4xx => overrides.retried.status_4xx,
                RetryClass::Status5xx => overrides.retried.status_5xx,
                RetryClass::Never => false,
            };
            let is_in_time = tokio::time::Instant::now() < deadline;
            if !is_retried || !is_in_time || number > overrides.retries {
                return Err(failure.alert);
            }
            number += 1;
        }
    }

    async fn attempt(
        &self,
        prepared: &Prepared<'_>,
        client: &Client,
        number: u32,
        deadline: tokio::time::Instant,
    ) -> Result<WebhookResponse, AttemptError> {
        let Prepared { purpose, method, url, fields, fault, idempotency_token } = prepared;
        let key = if *fault == Some(Fault::WrongToken) { &self.wrong_key } else { &self.key };
        let attempt = Attempt {
            transport: self.transport,
            client,
            channel: self.channel,
            key,
            idempotency_token,
        };
        let started = Instant::now();
        let making = async {
            if *fault == Some(Fault::CutOff) {
                return Err(send_half(&attempt, *method, url, fields).await);
            }
            attempt.make(*method, url, fields).await
        };
        let late = |_elapsed| {
            Err(AttemptError::new(RetryClass::Read, 11_203, "timed out waiting for the response"))
        };
        let generated = timeout_at(deadline, making).await.unwrap_or_else(late);
        let (status, answer, failure) = match &generated {
            Ok((status, answer)) => (Some(status.as_u16()), Some(answer), None),
            Err(failure) => {
                (failure.status, failure.answer.as_deref(), Some(failure.alert.clone()))
            }
        };
        self.recorder.note(Event::Request(Request {
            purpose: *purpose,
            method: *method,
            url: shown_url(*method, url, fields),
            fields: fields.to_vec(),
            attempt: number,
            idempotency_token: idempotency_token.clone(),
            status,
            elapsed_ms: (started.elapsed().as_secs_f64() * 10_000.0).round() / 10.0,
            content_type: answer.and_then(|answer| answer.content_type.clone()),
            body: answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()),
            failure,
            fault: fault.map(Fault::as_str),
        }));
        generated.map(|(_, answer)| answer)
    }
}
