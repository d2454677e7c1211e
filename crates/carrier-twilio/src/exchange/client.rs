//! Sends requests to Twilio and decodes its answers.

use std::sync::Arc;

use reqwest::StatusCode;
use serde::de::{DeserializeOwned, IgnoredAny};
use switchboard_domain::carrier::{CarrierAccess, CarrierError, OutgoingMessage};
use switchboard_domain::ports::Randomness;
use switchboard_domain::ports::carrier::ComposeMessage;
use tokio::sync::OwnedSemaphorePermit;
use tracing::debug;

use super::concurrency_limit::ConcurrencyLimit;
use super::decode::{Reading, read};
use super::error::refusal;
use super::hosts::Hosts;
use super::keys::{Credentials, credentials};
use super::options::{self, BuildError, Limits, TwilioOptions};
use super::request::{Body, Request};
use super::response::Answer;
use super::retry::Attempts;

/// The HTTP client, with the state that all requests share.
pub(crate) struct Client {
    http: reqwest::Client,
    pub(super) hosts: Hosts,
    pub(super) limits: Limits,
    concurrency_limit: ConcurrencyLimit,
    randomness: Arc<dyn Randomness>,
}

impl Client {
    pub(crate) fn new(options: TwilioOptions) -> Result<Self, BuildError> {
        Ok(Self {
            http: options::client(&options)?,
            hosts: Hosts::new(options.base_url),
            limits: options.limits,
            concurrency_limit: ConcurrencyLimit::new(options.limits.at_once.get()),
            randomness: options.randomness,
        })
    }

    /// Sends a request and decodes its answer.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        access: &CarrierAccess,
        request: &Request,
    ) -> Result<T, CarrierError> {
        let url = self.hosts.url(request.product, access.region, &request.path);
        self.ask_at(access, request, &url).await
    }

    /// Like [`Self::ask`], with a request whose form is that of a message, which is composed right before it is sent, after
    /// all waits. `None` if it may not be sent any more.
    pub(crate) async fn ask_composed<T: DeserializeOwned>(
        &self,
        access: &CarrierAccess,
        blank: &Request,
        message: &dyn ComposeMessage,
        form: fn(&OutgoingMessage) -> Vec<(&'static str, String)>,
    ) -> Result<Option<T>, CarrierError> {
        let url = self.hosts.url(blank.product, access.region, &blank.path);
        let mut permitted = self.permit(access, blank).await;
        loop {
            let Some(message) = message.compose().await else { return Ok(None) };
            let request = blank.clone().form(form(&message));
            let result = self.send_once(&request, &url, permitted.credentials).await;
            log(access, &request, permitted.attempts.count(), &result);
            if !permitted.repeats(&result).await {
                let answer = checked(access, &request, result)?;
                return read(&answer).during(request.operation).map(Some);
            }
        }
    }

    /// Like [`Self::ask`], but returns `None` if Twilio answers that there is no such resource.
    pub(crate) async fn look_up<T: DeserializeOwned>(
        &self,
        access: &CarrierAccess,
        request: &Request,
    ) -> Result<Option<T>, CarrierError> {
        match self.ask(access, request).await {
            Ok(found) => Ok(Some(found)),
            Err(CarrierError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a request whose answer has no content of interest. The answer must still be JSON or empty with status 204:
    /// anything else comes from a proxy, and then Twilio has done nothing.
    pub(crate) async fn execute(
        &self,
        access: &CarrierAccess,
        request: &Request,
    ) -> Result<(), CarrierError> {
        let url = self.hosts.url(request.product, access.region, &request.path);
        let answer = self.send(access, request, &url).await?;
        if answer.status == StatusCode::NO_CONTENT {
            return Ok(());
        }
        read::<IgnoredAny>(&answer).during(request.operation)?;
        Ok(())
    }

    /// Reads a file. Twilio redirects to another host, which does not get the credentials.
    pub(crate) async fn download(
        &self,
        access: &CarrierAccess,
        request: &Request,
    ) -> Result<Answer, CarrierError> {
        let url = self.hosts.url(request.product, access.region, &request.path);
        let mut answer = self.exchange(access, request, &url).await;
        if let Ok(Answer { status, location: Some(location), .. }) = &answer
            && status.is_redirection()
        {
            let file = self.hosts.file(location).during(request.operation)?;
            answer = match self.http.get(file).send().await {
                Ok(response) => Answer::receive(response).await,
                Err(error) => Err(error),
            };
            log(access, request, 1, &answer);
        }
        checked(access, request, answer)
    }

    /// Like [`Self::ask`], at a URL taken from an earlier answer.
    pub(super) async fn ask_at<T: DeserializeOwned>(
        &self,
        access: &CarrierAccess,
        request: &Request,
        url: &str,
    ) -> Result<T, CarrierError> {
        read(&self.send(access, request, url).await?).during(request.operation)
    }

    /// Sends the request. Returns its answer if it reports success.
    async fn send(
        &self,
        access: &CarrierAccess,
        request: &Request,
        url: &str,
    ) -> Result<Answer, CarrierError> {
        checked(access, request, self.exchange(access, request, url).await)
    }

    /// Sends the request, with retries.
    async fn exchange(
        &self,
        access: &CarrierAccess,
        request: &Request,
        url: &str,
    ) -> Result<Answer, reqwest::Error> {
        let mut permitted = self.permit(access, request).await;
        loop {
            let result = self.send_once(request, url, permitted.credentials).await;
            log(access, request, permitted.attempts.count(), &result);
            if !permitted.repeats(&result).await {
                return result;
            }
        }
    }

    /// Waits until the request may be sent.
    async fn permit<'a>(
        &'a self,
        access: &'a CarrierAccess,
        request: &Request,
    ) -> Permitted<'a, impl Iterator<Item = Credentials<'a>>> {
        let (credentials, others) = credentials(access, request.keys);
        let permit = self.concurrency_limit.enter(access.account).await;
        let attempts = Attempts::new(request.access(), &*self.randomness);
        Permitted { _permit: permit, credentials, others, attempts }
    }

    async fn send_once(
        &self,
        request: &Request,
        url: &str,
        credentials: Credentials<'_>,
    ) -> Result<Answer, reqwest::Error> {
        let builder = self
            .http
            .request(request.method.clone(), url)
            .basic_auth(credentials.user, Some(credentials.password));
        let builder = match &request.body {
            Body::None => builder,
            Body::Form(fields) => builder.form(fields),
            Body::Json(document) => builder.json(document),
        };
        Answer::receive(builder.send().await?).await
    }
}

/// The attempts of a request that may be sent.
struct Permitted<'a, I> {
    /// Held during the backoff, so that an account that Twilio finds too busy gets no busier.
    _permit: Option<OwnedSemaphorePermit>,
    credentials: Credentials<'a>,
    others: I,
    attempts: Attempts<'a>,
}

impl<'a, I: Iterator<Item = Credentials<'a>>> Permitted<'a, I> {
    /// Waits for the next attempt. When Twilio refuses the credentials, the next ones are tried at once. Returns `false`
    /// if this result is final.
    async fn repeats(&mut self, result: &Result<Answer, reqwest::Error>) -> bool {
        if is_unauthorized(result)
            && let Some(other) = self.others.next()
        {
            self.credentials = other;
            return true;
        }
        self.attempts.next(result).await
    }
}

fn is_unauthorized(result: &Result<Answer, reqwest::Error>) -> bool {
    result.as_ref().is_ok_and(|answer| answer.status == StatusCode::UNAUTHORIZED)
}

/// The answer, if it reports success.
fn checked(
    access: &CarrierAccess,
    request: &Request,
    answer: Result<Answer, reqwest::Error>,
) -> Result<Answer, CarrierError> {
    let operation = request.operation;
    match answer {
        Ok(answer) => match refusal(operation, access.account, &answer) {
            Some(error) => Err(error),
            None => Ok(answer),
        },
        // The URL may contain a phone number.
        Err(error) => {
            Err(CarrierError::Unavailable { operation, source: Some(error.without_url().into()) })
        }
    }
}

fn log(
    access: &CarrierAccess,
    request: &Request,
    attempt: u32,
    answer: &Result<Answer, reqwest::Error>,
) {
    let status = answer.as_ref().ok().map(|answer| answer.status.as_u16());
    debug!(
        operation = request.operation,
        account.sid = %access.account,
        attempt,
        status,
        "asked Twilio"
    );
}
