//! What the `OpenAPI` document says of idempotency keys, for all operations that take one.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Responses};
use utoipa::{Modify, openapi};

use crate::idempotency::OWN_KEYS;

/// Operations with `POST` that only read.
const READS: [&str; 3] =
    ["/api/v1/routes/explain", "/api/v1/plans/{id}/simulate", "/api/v1/plans/{id}/replay"];

/// Adds the header, and what is answered to it, to each `POST` that changes something.
pub(crate) struct IdempotencyKeys;

impl Modify for IdempotencyKeys {
    fn modify(&self, document: &mut openapi::OpenApi) {
        for (path, methods) in &mut document.paths.paths {
            if path != OWN_KEYS
                && !READS.contains(&path.as_str())
                && let Some(operation) = &mut methods.post
            {
                add(operation);
            }
        }
    }
}

fn add(operation: &mut Operation) {
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter()));
    add_problems(&mut operation.responses);
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            let replayed = HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()));
            let replayed = replayed.description(Some(
                "`true` if the answer is that of an earlier request with the same `Idempotency-Key`.",
            ));
            let replayed = RefOr::T(replayed.build());
            response.headers.insert("Idempotent-Replayed".to_owned(), replayed);
        }
    }
}

fn parameter() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(200))
        .pattern(Some("^[!-~]([ -~]*[!-~])?$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A key for the request, of printable ASCII characters. For 24 hours, the same request with the same key is answered \
             again and changes nothing; another request with it is refused.",
        ))
        .schema(Some(schema.build()))
        .build()
}

/// The problems of the header and of the body, which is read with the header even if the operation ignores it.
fn add_problems(responses: &mut Responses) {
    for (status, description) in [
        ("400", "The query or a header is not valid, or the body cannot be read."),
        (
            "409",
            "The first request with the `Idempotency-Key` is not finished, or its answer is not available.",
        ),
        ("413", "The body has more than 1 MiB."),
        ("422", "The `Idempotency-Key` was used for another request."),
    ] {
        let problem = || RefOr::T(problem(description));
        responses.responses.entry(status.to_owned()).or_insert_with(problem);
    }
}

fn problem(description: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", body)
        .build()
}
