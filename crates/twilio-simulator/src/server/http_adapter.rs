//! Converts between HTTP and the REST resources.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use percent_encoding::percent_decode_str;

use crate::rest::{
    self, Body, Credentials, Method, Other, OutgoingResponse, Parameters, Request, RequestBody,
};
use crate::simulator::Simulator;
use crate::traffic::Dispatcher;

/// The header with the account's concurrent requests (Twilio, error 20429).
const CONCURRENT_REQUESTS: HeaderName = HeaderName::from_static("twilio-concurrent-requests");

/// An HTML error page, as proxies and load balancers send it.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head>\
    <body><h1>We will be back soon</h1></body></html>\n";

/// Handles every request to the REST API.
pub(crate) async fn rest(
    http: HttpRequest,
    body: Bytes,
    simulator: Data<Simulator>,
    dispatcher: Data<Dispatcher>,
) -> HttpResponse {
    let simulator: Arc<Simulator> = simulator.into_inner();
    let request = read(&http, &body);
    let (answer, in_flight) = rest::answer(&simulator, &request);
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    for (account, message) in simulator.take_outbox() {
        let dispatcher = Arc::clone(&dispatcher);
        actix_web::rt::spawn(async move { dispatcher.arrive(account, message).await });
    }
    let response = write(answer);
    drop(in_flight);
    response
}

fn read(http: &HttpRequest, body: &[u8]) -> Request {
    let header = |name: HeaderName| {
        http.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let path = http.uri().path();
    let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    Request {
        method: Method::parse(http.method().as_str()),
        path: path.to_owned(),
        segments: path.trim_start_matches('/').split('/').map(decoded).collect(),
        query: Parameters::read(http.query_string().as_bytes()).unwrap_or_default(),
        body: RequestBody::read(header(CONTENT_TYPE), body),
        credentials: Credentials::read(header(AUTHORIZATION)),
        base: format!("http://{}", http.connection_info().host()),
    }
}

fn write(outgoing: OutgoingResponse) -> HttpResponse {
    let status = StatusCode::from_u16(outgoing.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((CONCURRENT_REQUESTS, outgoing.concurrency.to_string()));
    if let Some(seconds) = outgoing.retry_after {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"Twilio API\""));
    }
    let (media_type, body) = match outgoing.body {
        Body::Nothing => return response.finish(),
        Body::Other(Other::Redirect(url)) => {
            return response.insert_header((LOCATION, url)).finish();
        }
        Body::Other(Other::File(file)) => {
            return response.content_type(file.content_type).body(file.content);
        }
        Body::Json(value) => ("application/json;charset=utf-8", value.to_string()),
        Body::Page => ("text/html;charset=utf-8", PAGE.to_owned()),
    };
    response.content_type(media_type);
    if !outgoing.cut_off {
        return response.body(body);
    }
    let half = Bytes::copy_from_slice(&body.as_bytes()[..body.len() / 2]);
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    response.no_chunking(length).streaming(stream::iter([Ok(half), Err(broken)]))
}
