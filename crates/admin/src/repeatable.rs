//! A request with an idempotency key, from its key to its end.

use std::cell::RefCell;
use std::time::Duration;

use actix_web::http::header::HeaderName;
use actix_web::rt::spawn;
use actix_web::rt::time::sleep;
use switchboard_application_management::{
    RepeatableRequests, RepeatedRequestError, Repetition, RequestEnd, RunningRequest,
};
use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::IdempotencyKey;
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::ports::StoreError;
use switchboard_domain::repeatable_request::{RepeatableRequest, RequestDigest};
use switchboard_domain::secret::Secret;

use crate::problem::{Problem, ProblemCode};

/// The key that a client gives to a request, so that a repeated one changes nothing.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The waiting times between the attempts to record the end of a request if the store fails.
const RETRY_DELAYS: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

/// How far a request has come.
#[derive(Debug, Default)]
pub(crate) enum Progress {
    /// It is not authorized, or only reads.
    #[default]
    NotBegun,
    /// It is executed.
    Begun(RunningRequest),
    /// It was executed before, with this answer.
    Answered(Secret),
}

/// A request with an idempotency key, as an extension of the request. The middleware makes it and records its end; the caller
/// begins it, because only the route determines the scope that the API key must have.
#[derive(Debug)]
pub(crate) struct Repeatable {
    content: Result<(IdempotencyKey, RequestDigest), Problem>,
    progress: RefCell<Progress>,
}

impl Repeatable {
    /// A request with this key and content, which has not begun; or why it must not begin.
    pub(crate) fn new(content: Result<(IdempotencyKey, RequestDigest), Problem>) -> Self {
        Self { content, progress: RefCell::default() }
    }

    /// Fails if the body could not be read. Routes that only read ignore the key, but cannot read the body again.
    pub(crate) fn check_body(&self) -> Result<(), Problem> {
        match &self.content {
            Err(problem) if problem.code() != ProblemCode::IdempotencyKeyInvalid => {
                Err(problem.clone())
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Begins the request of an authorized API key. Fails if the handler must not run; if there is an answer already, the
    /// middleware answers with it in place of the problem.
    pub(crate) async fn begin(
        &self,
        api_key: &ApiKeyId,
        requests: &RepeatableRequests,
    ) -> Result<(), Problem> {
        let (key, content) = self.content.clone()?;
        let key = RequestDigest::of(&[api_key.as_str().as_bytes(), key.as_str().as_bytes()]);
        let api_key = api_key.clone();
        let prepared = requests.prepare(RepeatableRequest { api_key, key, content });
        match requests.begin(prepared.clone()).await {
            Ok(Repetition::First(running)) => {
                self.progress.replace(Progress::Begun(running));
                Ok(())
            }
            Ok(Repetition::Answered(answer)) => {
                self.progress.replace(Progress::Answered(answer));
                Err(Problem::of(ProblemCode::IdempotencyKeyUsed))
            }
            Err(error) => {
                if let RepeatedRequestError::Store(failure) = &error
                    && !matches!(failure, StoreError::Missing { .. })
                {
                    // It may be stored although the store failed, even after the first attempts, and nothing was executed.
                    let end = RequestEnd::Refused;
                    settle_later(requests.clone(), prepared, end, Attempts::All);
                }
                Err(error.into())
            }
        }
    }

    /// How far the request has come.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.take()
    }
}

/// Records the end of a request. If the store fails, it is recorded later, and the client gets its answer now.
pub(crate) async fn settle(requests: &RepeatableRequests, ran: RunningRequest, end: RequestEnd) {
    if let Err(error) = requests.settle(&ran, &end).await {
        tracing::warn!(error = %Causes(&error), "the end of a request with an idempotency key is not recorded yet");
        settle_later(requests.clone(), ran, end, Attempts::UntilRecorded);
    }
}

/// How often the end of a request is recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempts {
    /// Until the store does not fail.
    UntilRecorded,
    /// After each waiting time, because the request may be stored later than its end is recorded.
    All,
}

fn settle_later(
    requests: RepeatableRequests,
    ran: RunningRequest,
    end: RequestEnd,
    attempts: Attempts,
) {
    spawn(async move {
        let mut settled = Ok(());
        for wait in RETRY_DELAYS {
            sleep(wait).await;
            settled = requests.settle(&ran, &end).await;
            if settled.is_ok() && attempts == Attempts::UntilRecorded {
                return;
            }
        }
        if let Err(error) = settled {
            tracing::error!(
                error = %Causes(&error),
                "the end of a request with an idempotency key is not recorded; its key stays in use for a day"
            );
        }
    });
}
