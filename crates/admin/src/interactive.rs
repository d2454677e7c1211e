//! The interactive documentation: Swagger UI, whose files are part of the program.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, X_FRAME_OPTIONS,
};
use actix_web::web::Path;
use utoipa_swagger_ui::Config;

use crate::problem::{Problem, ProblemCode};

/// The page loads and calls nothing but this server. Its styles are partly written into its elements.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The files refer to each other by relative URLs.
pub(crate) async fn index() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, HeaderValue::from_static("/api/docs/")))
        .finish()
}

pub(crate) async fn file(path: Path<String>) -> Result<HttpResponse, Problem> {
    let missing = || Problem::of(ProblemCode::PathNotFound);
    let config = Config::from("/api/openapi.json").try_it_out_enabled(true);
    let found = utoipa_swagger_ui::serve(&path, Arc::new(config)).ok().flatten();
    let file = found.ok_or_else(missing)?;
    let mut response = HttpResponse::Ok().body(file.bytes.into_owned());
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_str(&file.content_type);
    headers.insert(CONTENT_TYPE, content_type.map_err(|_never| missing())?);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    Ok(response)
}
