//! `/simulator/…`: the control interface for people and scripts. It accepts and returns JSON and requires no
//! credentials, so expose it on the local machine only.
//!
//! | request | does |
//! |---|---|
//! | `GET /simulator` | lists the accounts with their numbers, senders, services and settings |
//! | `POST /simulator/seed` | adds the accounts of a [`Seed`](crate::Seed) |
//! | `POST /simulator/accounts/{AC…}` | sets an account's status: `{"status": "suspended"}` |
//! | `POST /simulator/accounts/{AC…}/deauthorize` | deauthorizes the account's Connect app, and calls the app's callback: `{}` |
//! | `POST /simulator/numbers/{+E164}` | changes a number's settings: `{"voice_url": "https://…"}` |
//! | `GET`, `POST`, `DELETE /simulator/faults` | lists the injected faults; injects a [`Fault`](crate::Fault);
//! removes all |
//! | `GET`, `PUT /simulator/conditions` | reads and sets the [`Conditions`](crate::Conditions) of every API request |
//! | `GET`, `DELETE /simulator/requests` | lists the recorded API requests; clears the log |
//! | `POST /simulator/phones` | adds a phone that gets messages and answers: a [`ScriptedPhone`](crate::ScriptedPhone) |
//! | `GET /simulator/phones/{address}` | shows a phone: what it still answers, and its opt-outs |
//! | `POST /simulator/calls` | places a call and returns when it has ended: a [`CallRequest`](crate::CallRequest) |
//! | `POST /simulator/messages` | sends a message: a [`MessageRequest`](crate::MessageRequest) |
//! | `POST /simulator/messages/{SM…}` | sets a message's status: `{"status": "failed", "error_code": 30006}` |
//!
//! ```text
//! curl -H 'content-type: application/json' -d '{"path": "/2010-04-01/*", "times": 3, "does": {"kind": "too_many_requests"}}' http://127.0.0.1:4010/simulator/faults
//! curl -H 'content-type: application/json' -d '{"from": "+14155550199", "to": "+14155550100", "fast": true}' http://127.0.0.1:4010/simulator/calls
//! ```

mod console;
mod error;
mod faults;
mod phones;
mod summary;
mod traffic;

use std::net::IpAddr;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HOST};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, ServiceConfig};

use self::error::{ControlError, unknown};

/// Registers the routes below `/simulator`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let scope = web::scope("/simulator")
        .service(web::resource("").get(summary::show))
        .service(web::resource("/seed").post(console::seed))
        .service(web::resource("/accounts/{account}").post(console::account))
        .service(web::resource("/accounts/{account}/deauthorize").post(console::deauthorize))
        .service(web::resource("/numbers/{number}").post(console::number))
        .service(
            web::resource("/faults")
                .get(faults::faults)
                .post(faults::inject_fault)
                .delete(faults::clear_faults),
        )
        .service(web::resource("/conditions").get(faults::conditions).put(faults::set_conditions))
        .service(web::resource("/requests").get(faults::requests).delete(faults::clear_requests))
        .service(web::resource("/phones").post(phones::add))
        .service(web::resource("/phones/{address}").get(phones::show))
        .service(web::resource("/calls").post(traffic::call))
        .service(web::resource("/messages").post(traffic::message))
        .service(web::resource("/messages/{message}").post(console::message))
        .default_service(web::to(unknown))
        .wrap(from_fn(refuse_web_pages));
    config.service(scope);
}

/// Refuses what a page in a browser can send: a name that was rebound to this machine in `Host`, and bodies that need no
/// consent of the server (forms and plain text).
async fn refuse_web_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if !header(HOST).is_some_and(is_loopback) {
        return Err(ControlError::Host.into());
    }
    let essence =
        |value: &str| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let changes = *request.method() == Method::POST || *request.method() == Method::PUT;
    if changes && header(CONTENT_TYPE).map(essence).as_deref() != Some("application/json") {
        return Err(ControlError::ContentType.into());
    }
    next.call(request).await
}

/// Whether a host, with or without a port, is the loopback address.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_loopback() {
        for host in
            ["localhost", "LOCALHOST:8090", "127.0.0.1:1", "127.0.0.1", "[::1]:8090", "[::1]"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["evil.example.com", "localhost.evil.example:80", "0.0.0.0:1", "10.0.0.1", "", ":80"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
