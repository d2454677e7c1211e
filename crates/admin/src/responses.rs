//! The problems that routes answer with, as the document describes them.

use utoipa::IntoResponses;

use crate::problem::ProblemBody;

/// The problems that every route can answer with.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the variants describe responses")]
pub(crate) enum ListProblems {
    /// The query is not valid.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// The key is missing, unknown, expired or revoked.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemBody),
    /// The key does not allow this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    /// The selected organization does not exist.
    #[response(status = 404, content_type = "application/problem+json")]
    Missing(ProblemBody),
    /// The request failed, which is a bug.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemBody),
    /// The database is unavailable; try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// The problems of a route of one object.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the variants describe responses")]
pub(crate) enum ItemProblems {
    /// The query is not valid.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// The key is missing, unknown, expired or revoked.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemBody),
    /// The key does not allow this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    /// The object does not exist, or belongs to another organization.
    #[response(status = 404, content_type = "application/problem+json")]
    Missing(ProblemBody),
    /// The request failed, which is a bug.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemBody),
    /// The database is unavailable; try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// The problems of a route with a body.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the variants describe responses")]
pub(crate) enum BodyProblems {
    /// The query, a header or the body cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// The key is missing, unknown, expired or revoked.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemBody),
    /// The key does not allow this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    /// The object does not exist, or belongs to another organization.
    #[response(status = 404, content_type = "application/problem+json")]
    Missing(ProblemBody),
    /// The state of an object does not allow this.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemBody),
    /// The body has more than 1 MiB.
    #[response(status = 413, content_type = "application/problem+json")]
    Large(ProblemBody),
    /// The body is not `application/json`.
    #[response(status = 415, content_type = "application/problem+json")]
    Unsupported(ProblemBody),
    /// A field of the body is not valid.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(ProblemBody),
    /// The request failed, which is a bug.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemBody),
    /// The database is unavailable; try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// The problems of a route without a body that changes an object.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the variants describe responses")]
pub(crate) enum ChangeProblems {
    /// The query is not valid.
    #[response(status = 400, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// The key is missing, unknown, expired or revoked.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemBody),
    /// The key does not allow this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    /// The object does not exist, or belongs to another organization.
    #[response(status = 404, content_type = "application/problem+json")]
    Missing(ProblemBody),
    /// The state of the object does not allow this.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemBody),
    /// The request failed, which is a bug.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemBody),
    /// The database is unavailable; try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}
