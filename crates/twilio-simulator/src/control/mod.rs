//! `/simulator/…`: the company in the hands of people and scripts. JSON in both directions, and no credentials: it
//! belongs on this machine only.
//!
//! | request | does |
//! |---|---|
//! | `GET /simulator` | shows the accounts with their numbers, senders and services, and what is configured there |
//! | `POST /simulator/seed` | adds accounts: a [`Seed`](crate::Seed) |
//! | `POST /simulator/accounts/{AC…}` | `{"status": "suspended"}` |
//! | `POST /simulator/numbers/{+E164}` | changes settings as in Twilio's Console: `{"voice_url": "https://…"}` |
//! | `GET`, `POST`, `DELETE /simulator/faults` | the faults that are ordered; one more, a [`Fault`](crate::Fault); none |
//! | `GET`, `PUT /simulator/conditions` | what holds for every request: [`Conditions`](crate::Conditions) |
//! | `GET`, `DELETE /simulator/requests` | what was asked of the REST API; forgets it |
//! | `POST /simulator/calls` | a call from outside, until it is over: a [`CallOrder`](crate::CallOrder) |
//! | `POST /simulator/messages` | a message from outside: a [`MessageOrder`](crate::MessageOrder) |
//! | `POST /simulator/messages/{SM…}` | lets a message come further: `{"status": "failed", "error_code": 30006}` |
//!
//! ```text
//! curl -d '{"path": "/2010-04-01/*", "times": 3, "does": {"kind": "too_many_requests"}}' http://127.0.0.1:4010/simulator/faults
//! curl -d '{"from": "+14155550199", "to": "+14155550100", "fast": true}' http://127.0.0.1:4010/simulator/calls
//! ```

mod by_hand;
mod failure;
mod orders;
mod summary;
mod traffic;

use actix_web::web::{self, ServiceConfig};

use self::failure::unknown;

/// Adds the paths.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let scope = web::scope("/simulator")
        .service(web::resource("").get(summary::show))
        .service(web::resource("/seed").post(by_hand::seed))
        .service(web::resource("/accounts/{account}").post(by_hand::account))
        .service(web::resource("/numbers/{number}").post(by_hand::number))
        .service(
            web::resource("/faults")
                .get(orders::faults)
                .post(orders::order)
                .delete(orders::clear_faults),
        )
        .service(web::resource("/conditions").get(orders::conditions).put(orders::set_conditions))
        .service(web::resource("/requests").get(orders::requests).delete(orders::forget))
        .service(web::resource("/calls").post(traffic::call))
        .service(web::resource("/messages").post(traffic::message))
        .service(web::resource("/messages/{message}").post(by_hand::message))
        .default_service(web::to(unknown));
    config.service(scope);
}
