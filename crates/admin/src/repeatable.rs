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
use switchboard_domain::repeatable_request::{RepeatableRequest, RequestDigest};
use switchboard_domain::secret::Secret;

use crate::problem::{Problem, ProblemCode};

/// The name that a client gives to a request, so that a repeated one changes nothing.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// After which times the end of a request is recorded again if the store fails.
const AGAIN: [Duration; 4] = [
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
    key: IdempotencyKey,
    content: RequestDigest,
    progress: RefCell<Progress>,
}

impl Repeatable {
    /// A request with this key and content, which has not begun.
    pub(crate) fn new(key: IdempotencyKey, content: RequestDigest) -> Self {
        Self { key, content, progress: RefCell::default() }
    }

    /// Begins the request of an authorized API key. Fails if the handler must not run; if there is an answer already, the
    /// middleware answers with it in place of the problem.
    pub(crate) async fn begin(
        &self,
        api_key: &ApiKeyId,
        requests: &RepeatableRequests,
    ) -> Result<(), Problem> {
        let key = RequestDigest::of(&[api_key.as_str().as_bytes(), self.key.as_str().as_bytes()]);
        let (api_key, content) = (api_key.clone(), self.content);
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
                if let RepeatedRequestError::Store(_) = &error {
                    // It may be stored although the store failed, and nothing was executed.
                    settle_later(requests.clone(), prepared, RequestEnd::Refused);
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
        settle_later(requests.clone(), ran, end);
    }
}

fn settle_later(requests: RepeatableRequests, ran: RunningRequest, end: RequestEnd) {
    spawn(async move {
        for wait in AGAIN {
            sleep(wait).await;
            if requests.settle(&ran, &end).await.is_ok() {
                return;
            }
        }
        tracing::error!(
            "the end of a request with an idempotency key is not recorded; its key stays in use for a day"
        );
    });
}
