//! Sends a request until it has an answer that counts.

use std::sync::Arc;

use reqwest::StatusCode;
use serde::de::{DeserializeOwned, IgnoredAny};
use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::ports::Randomness;
use tracing::debug;

use super::concurrency_limit::ConcurrencyLimit;
use super::decode::{Reading, read};
use super::error::refusal;
use super::hosts::Hosts;
use super::keys::{Credentials, credentials};
use super::options::{self, BuildError, Limits, TwilioOptions};
use super::request::{Body, Request};
use super::response::Answer;
use super::retry::{Ending, MOST_TRIES, Pauses, may_be_repeated, pause};

/// Everything that requests share.
pub(crate) struct Client {
    http: reqwest::Client,
    pub(super) hosts: Hosts,
    pub(super) limits: Limits,
    concurrency_limit: ConcurrencyLimit,
    randomness: Arc<dyn Randomness>,
    pauses: Arc<dyn Pauses>,
}

impl Client {
    pub(crate) fn new(options: TwilioOptions) -> Result<Self, BuildError> {
        Ok(Self {
            http: options::client(&options)?,
            hosts: Hosts::new(options.base_url),
            limits: options.limits,
            concurrency_limit: ConcurrencyLimit::new(options.limits.at_once.get()),
            randomness: options.randomness,
            pauses: options.pauses,
        })
    }

    /// Asks, and reads what is answered.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        access: &CarrierAccess,
        request: &Request,
    ) -> Result<T, CarrierError> {
        let url = self.hosts.url(request.product, access.region, &request.path);
        self.ask_at(access, request, &url).await
    }

    /// The same, where absence is no failure.
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

    /// Asks for something to be done. What the answer says does not matter, as long as Twilio gives it: a proxy that
    /// answers with a page of its own has done nothing.
    pub(crate) async fn tell(
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

    /// Asks at a URL that another answer named.
    pub(super) async fn ask_at<T: DeserializeOwned>(
        &self,
        access: &CarrierAccess,
        request: &Request,
        url: &str,
    ) -> Result<T, CarrierError> {
        read(&self.send(access, request, url).await?).during(request.operation)
    }

    /// Sends the request, again where that is safe, and once more as the parent where that can help.
    async fn send(
        &self,
        access: &CarrierAccess,
        request: &Request,
        url: &str,
    ) -> Result<Answer, CarrierError> {
        let (mut credentials, mut others) = credentials(access, request.keys);
        // A turn lasts through the pauses: an account that Twilio finds too busy gets no busier.
        let _turn = self.concurrency_limit.enter(access.account).await;
        let mut tries = 1;
        loop {
            let answer = self.try_once(request, url, credentials).await;
            log(access, request, tries, &answer);
            let is_refused =
                answer.as_ref().is_ok_and(|answer| answer.status == StatusCode::UNAUTHORIZED);
            if is_refused && let Some(other) = others.next() {
                credentials = other;
                continue;
            }
            if tries == MOST_TRIES || !may_be_repeated(request.changes_nothing(), ending(&answer)) {
                return judged(access, request, answer);
            }
            let asked = answer.ok().and_then(|answer| answer.retry_after);
            self.pauses.pause(pause(tries, asked, &*self.randomness)).await;
            tries += 1;
        }
    }

    async fn try_once(
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

fn ending(answer: &Result<Answer, reqwest::Error>) -> Ending {
    match answer {
        Ok(answer) => Ending::Answered(answer.status),
        Err(error) if error.is_connect() => Ending::NotSent,
        Err(_) => Ending::Unknown,
    }
}

/// The answer, if it is a good one.
fn judged(
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
        // The URL can name a phone number.
        Err(error) => {
            Err(CarrierError::Unavailable { operation, source: Some(error.without_url().into()) })
        }
    }
}

fn log(
    access: &CarrierAccess,
    request: &Request,
    tries: u32,
    answer: &Result<Answer, reqwest::Error>,
) {
    let status = answer.as_ref().ok().map(|answer| answer.status.as_u16());
    debug!(
        operation = request.operation,
        account.sid = %access.account,
        tries,
        status,
        "asked Twilio"
    );
}
