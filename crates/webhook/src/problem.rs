//! Problems (RFC 9457) of the endpoints that agents call.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

#[derive(Serialize)]
struct Problem {
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
}

/// A response with a problem.
pub(crate) fn problem(
    status: StatusCode,
    title: &'static str,
    code: &'static str,
    detail: String,
) -> HttpResponse {
    let mut response =
        HttpResponse::build(status).json(Problem { title, status: status.as_u16(), code, detail });
    let problem_json = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, problem_json);
    response
}
