//! The problems that routes answer with, as the document describes them.

use utoipa::IntoResponses;

use crate::problem::ProblemBody;

/// Declares the problems of a kind of route: its own, and those that every route has.
macro_rules! problems {
    ($(#[$about:meta])* $Name:ident { $($(#[$described:meta])* $Problem:ident = $status:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(IntoResponses)]
        #[expect(dead_code, reason = "the variants describe responses")]
        pub(crate) enum $Name {
            $(
                $(#[$described])*
                #[response(status = $status, content_type = "application/problem+json")]
                $Problem(ProblemBody),
            )+
            /// The key is missing, unknown, expired or revoked.
            #[response(status = 401, content_type = "application/problem+json")]
            Unauthorized(ProblemBody),
            /// The key does not allow this.
            #[response(status = 403, content_type = "application/problem+json")]
            Forbidden(ProblemBody),
            /// Too many wrong keys came from this address; try again after `Retry-After`.
            #[response(status = 429, content_type = "application/problem+json")]
            Throttled(ProblemBody),
            /// The request failed, which is a bug.
            #[response(status = 500, content_type = "application/problem+json")]
            Internal(ProblemBody),
            /// The database is unavailable; try again.
            #[response(status = 503, content_type = "application/problem+json")]
            Unavailable(ProblemBody),
        }
    };
}

problems! {
    /// The problems of a list.
    ListProblems {
        /// The query is not valid.
        Invalid = 400,
        /// The selected organization does not exist.
        Missing = 404,
    }
}

problems! {
    /// The problems of a route of one object.
    ItemProblems {
        /// The query is not valid.
        Invalid = 400,
        /// The object does not exist, or belongs to another organization.
        Missing = 404,
    }
}

problems! {
    /// The problems of a route with a body.
    BodyProblems {
        /// The query, a header or the body cannot be read.
        Invalid = 400,
        /// The object does not exist, or belongs to another organization.
        Missing = 404,
        /// The state of an object does not allow this.
        Conflict = 409,
        /// The body has more than 1 MiB.
        Large = 413,
        /// The body is not `application/json`.
        Unsupported = 415,
        /// A field of the body is not valid.
        Unprocessable = 422,
    }
}

problems! {
    /// The problems of a route without a body that changes an object.
    ChangeProblems {
        /// The query is not valid.
        Invalid = 400,
        /// The object does not exist, or belongs to another organization.
        Missing = 404,
        /// The state of the object does not allow this.
        Conflict = 409,
    }
}

problems! {
    /// The problems of a route that changes an object as its client read it.
    EditProblems {
        /// The query, a header or the body cannot be read.
        Invalid = 400,
        /// The object does not exist, or belongs to another organization.
        Missing = 404,
        /// The state of an object does not allow this.
        Conflict = 409,
        /// The object is not as `If-Match` says; the header `ETag` is that of the object now.
        Precondition = 412,
        /// The body has more than 1 MiB.
        Large = 413,
        /// The body is not `application/json`.
        Unsupported = 415,
        /// A field of the body is not valid.
        Unprocessable = 422,
    }
}

problems! {
    /// The problems of a route that removes an object as its client read it.
    RemovalProblems {
        /// The query or a header is not valid.
        Invalid = 400,
        /// The object does not exist, or belongs to another organization.
        Missing = 404,
        /// The state of the object does not allow this.
        Conflict = 409,
        /// The object is not as `If-Match` says; the header `ETag` is that of the object now.
        Precondition = 412,
    }
}

problems! {
    /// The problems of a route with a body that writes to Twilio.
    CarrierBodyProblems {
        /// The query, a header or the body cannot be read.
        Invalid = 400,
        /// An object does not exist, or belongs to another organization.
        Missing = 404,
        /// The state of an object here or at Twilio does not allow this.
        Conflict = 409,
        /// The body has more than 1 MiB.
        Large = 413,
        /// The body is not `application/json`.
        Unsupported = 415,
        /// A field of the body is not valid.
        Unprocessable = 422,
        /// Twilio cannot be reached; try again.
        Carrier = 502,
    }
}

problems! {
    /// The problems of a route without a body that writes to Twilio.
    CarrierChangeProblems {
        /// The query is not valid.
        Invalid = 400,
        /// The object does not exist, or belongs to another organization.
        Missing = 404,
        /// The state of the object here or at Twilio does not allow this.
        Conflict = 409,
        /// Twilio cannot be reached; try again.
        Carrier = 502,
    }
}
