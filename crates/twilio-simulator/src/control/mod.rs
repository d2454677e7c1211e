//! `/simulator/…`: the control interface for people and scripts. It accepts and returns JSON and requires no
//! credentials, so expose it on the local machine only.
//!
//! | request | does |
//! |---|---|
//! | `GET /simulator` | lists the accounts with their numbers, senders, services and settings |
//! | `POST /simulator/seed` | adds the accounts of a [`Seed`](crate::Seed) |
//! | `POST /simulator/accounts/{AC…}` | sets an account's status: `{"status": "suspended"}` |
//! | `POST /simulator/numbers/{+E164}` | changes a number's settings: `{"voice_url": "https://…"}` |
//! | `GET`, `POST`, `DELETE /simulator/faults` | lists the injected faults; injects a [`Fault`](crate::Fault);
//! removes all |
//! | `GET`, `PUT /simulator/conditions` | reads and sets the [`Conditions`](crate::Conditions) of every API request |
//! | `GET`, `DELETE /simulator/requests` | lists the recorded API requests; clears the log |
//! | `POST /simulator/calls` | places a call and returns when it has ended: a [`CallRequest`](crate::CallRequest) |
//! | `POST /simulator/messages` | sends a message: a [`MessageRequest`](crate::MessageRequest) |
//! | `POST /simulator/messages/{SM…}` | sets a message's status: `{"status": "failed", "error_code": 30006}` |
//!
//! ```text
//! curl -d '{"path": "/2010-04-01/*", "times": 3, "does": {"kind": "too_many_requests"}}' http://127.0.0.1:4010/simulator/faults
//! curl -d '{"from": "+14155550199", "to": "+14155550100", "fast": true}' http://127.0.0.1:4010/simulator/calls
//! ```

mod console;
mod error;
mod faults;
mod summary;
mod traffic;

use actix_web::web::{self, ServiceConfig};

use self::error::unknown;

/// Registers the routes below `/simulator`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let scope = web::scope("/simulator")
        .service(web::resource("").get(summary::show))
        .service(web::resource("/seed").post(console::seed))
        .service(web::resource("/accounts/{account}").post(console::account))
        .service(web::resource("/numbers/{number}").post(console::number))
        .service(
            web::resource("/faults")
                .get(faults::faults)
                .post(faults::inject_fault)
                .delete(faults::clear_faults),
        )
        .service(web::resource("/conditions").get(faults::conditions).put(faults::set_conditions))
        .service(web::resource("/requests").get(faults::requests).delete(faults::clear_requests))
        .service(web::resource("/calls").post(traffic::call))
        .service(web::resource("/messages").post(traffic::message))
        .service(web::resource("/messages/{message}").post(console::message))
        .default_service(web::to(unknown));
    config.service(scope);
}
