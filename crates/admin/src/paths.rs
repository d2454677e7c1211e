//! The paths of the API.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, Resource, ResponseError as _, guard, web};

use crate::idempotency::execute_once;
use crate::middleware::check_and_log;
use crate::problem::{Problem, ProblemCode};
use crate::routes::{
    account_changes, accounts, agent_changes, agent_secrets, agents, assignments, audit, calendars,
    calls, connect, conversations, deliveries, drift, events, explanations, jobs, keys, messages,
    number_changes, number_lists, numbers, organizations, plan_changes, plan_places, plan_trials,
    plans, rejections, senders, subscriptions, validations,
};
use crate::state::AdminState;
use crate::{document, interactive};

/// Adds the paths below `/api`.
pub fn configure(config: &mut web::ServiceConfig, state: Arc<AdminState>) {
    config.service(
        web::scope("/api")
            .app_data(web::Data::from(state))
            .wrap(from_fn(execute_once))
            .wrap(from_fn(check_and_log))
            .service(reading("/openapi.json").route(get().to(document::serve)))
            .service(reading("/docs").route(get().to(interactive::index)))
            .service(reading("/docs/{file:.*}").route(get().to(interactive::file)))
            .configure(objects)
            .configure(planning)
            .configure(senders)
            .configure(records)
            .configure(long_work)
            .default_service(web::to(async || {
                Problem::of(ProblemCode::PathNotFound).error_response()
            })),
    );
}

/// The paths of what is managed.
fn objects(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/v1/organizations", "GET, HEAD, POST")
                .route(get().to(organizations::list))
                .route(web::post().to(organizations::add)),
        )
        .service(
            resource("/v1/organizations/{id}", "GET, HEAD, PATCH, DELETE")
                .route(get().to(organizations::show))
                .route(web::patch().to(organizations::change))
                .route(web::delete().to(organizations::remove)),
        )
        .service(
            resource("/v1/accounts", "GET, HEAD, POST")
                .route(get().to(accounts::list))
                .route(web::post().to(account_changes::add)),
        )
        .service(
            resource("/v1/accounts/{sid}", "GET, HEAD, PATCH, DELETE")
                .route(get().to(accounts::show))
                .route(web::patch().to(account_changes::change))
                .route(web::delete().to(account_changes::remove)),
        )
        .service(
            resource("/v1/accounts/{sid}/validation", "GET, HEAD, PUT")
                .route(get().to(validations::show))
                .route(web::put().to(validations::set)),
        )
        .service(resource("/v1/connect/links", "POST").route(web::post().to(connect::add)))
        .service(
            resource("/v1/organizations/{id}/plan", "PUT, DELETE")
                .route(web::put().to(plan_places::attach_organization))
                .route(web::delete().to(plan_places::detach_organization)),
        )
        .service(
            resource("/v1/accounts/{sid}/plan", "PUT, DELETE")
                .route(web::put().to(plan_places::attach_account))
                .route(web::delete().to(plan_places::detach_account)),
        )
        .service(
            resource("/v1/numbers/{phone_number}/plan", "PUT, DELETE")
                .route(web::put().to(plan_places::attach_number))
                .route(web::delete().to(plan_places::detach_number)),
        )
        .service(
            resource("/v1/agents", "GET, HEAD, POST")
                .route(get().to(agents::list))
                .route(web::post().to(agent_changes::add)),
        )
        .service(
            resource("/v1/agents/{id}", "GET, HEAD, PATCH, DELETE")
                .route(get().to(agents::show))
                .route(web::patch().to(agent_changes::change))
                .route(web::delete().to(agent_changes::remove)),
        )
        .service(
            resource("/v1/agents/{id}/secret/rotate", "POST")
                .route(web::post().to(agent_secrets::rotate)),
        )
        .service(
            resource("/v1/numbers", "GET, HEAD, POST")
                .route(get().to(numbers::list))
                .route(web::post().to(number_changes::add)),
        )
        .service(
            resource("/v1/numbers/{phone_number}", "GET, HEAD, DELETE")
                .route(get().to(numbers::show))
                .route(web::delete().to(number_changes::remove)),
        )
        .service(
            resource("/v1/numbers/{phone_number}/assignment", "PUT, DELETE")
                .route(web::put().to(assignments::assign))
                .route(web::delete().to(assignments::unassign)),
        )
        .service(
            resource("/v1/subscriptions", "GET, HEAD, POST")
                .route(get().to(subscriptions::list))
                .route(web::post().to(subscriptions::add)),
        )
        .service(
            resource("/v1/subscriptions/{id}", "GET, HEAD, PATCH, DELETE")
                .route(get().to(subscriptions::show))
                .route(web::patch().to(subscriptions::change))
                .route(web::delete().to(subscriptions::remove)),
        )
        .service(
            resource("/v1/subscriptions/{id}/secret/rotate", "POST")
                .route(web::post().to(subscriptions::rotate_secret)),
        )
        .service(
            resource("/v1/keys", "GET, HEAD, POST")
                .route(get().to(keys::list))
                .route(web::post().to(keys::add)),
        )
        .service(resource("/v1/keys/{id}", "DELETE").route(web::delete().to(keys::revoke)));
}

/// The paths of senders that are no phone numbers.
fn senders(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/v1/senders", "GET, HEAD, POST")
                .route(get().to(senders::list))
                .route(web::post().to(senders::add)),
        )
        .service(
            resource("/v1/senders/{sender}", "GET, HEAD, DELETE")
                .route(get().to(senders::show))
                .route(web::delete().to(senders::remove)),
        )
        .service(
            resource("/v1/senders/{sender}/assignment", "PUT, DELETE")
                .route(web::put().to(senders::assign))
                .route(web::delete().to(senders::unassign)),
        )
        .service(
            resource("/v1/senders/{sender}/plan", "PUT, DELETE")
                .route(web::put().to(plan_places::attach_sender))
                .route(web::delete().to(plan_places::detach_sender)),
        );
}

/// The paths of routing plans, and of what they name.
fn planning(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/v1/plans", "GET, HEAD, POST")
                .route(get().to(plans::list))
                .route(web::post().to(plan_changes::add)),
        )
        .service(
            resource("/v1/plans/{id}", "GET, HEAD, DELETE")
                .route(get().to(plans::show))
                .route(web::delete().to(plan_changes::remove)),
        )
        .service(
            resource("/v1/plans/{id}/versions", "GET, HEAD, POST")
                .route(get().to(plans::versions))
                .route(web::post().to(plan_changes::add_version)),
        )
        .service(
            resource("/v1/plans/{id}/simulate", "POST")
                .route(web::post().to(plan_trials::simulate)),
        )
        .service(
            resource("/v1/plans/{id}/replay", "POST").route(web::post().to(plan_trials::replay)),
        )
        .service(reading("/v1/calendars").route(get().to(calendars::list)))
        .service(
            resource("/v1/calendars/{name}", "GET, HEAD, PUT, DELETE")
                .route(get().to(calendars::show))
                .route(web::put().to(calendars::set))
                .route(web::delete().to(calendars::remove)),
        )
        .service(reading("/v1/lists").route(get().to(number_lists::list)))
        .service(
            resource("/v1/lists/{name}", "GET, HEAD, PUT, DELETE")
                .route(get().to(number_lists::show))
                .route(web::put().to(number_lists::set))
                .route(web::delete().to(number_lists::remove)),
        );
}

/// The paths of long work, and of the drift that it is about.
fn long_work(config: &mut web::ServiceConfig) {
    config
        .service(reading("/v1/drift").route(get().to(drift::list)))
        .service(resource("/v1/drift/check", "POST").route(web::post().to(drift::check)))
        .service(resource("/v1/drift/fix", "POST").route(web::post().to(drift::fix)))
        .service(resource("/v1/drift/restore", "POST").route(web::post().to(drift::restore)))
        .service(reading("/v1/jobs").route(get().to(jobs::list)))
        .service(reading("/v1/jobs/{id}").route(get().to(jobs::show)))
        .service(resource("/v1/jobs/{id}/cancel", "POST").route(web::post().to(jobs::cancel)));
}

/// The paths of what happened, of messages and of explanations.
fn records(config: &mut web::ServiceConfig) {
    config
        .service(reading("/v1/calls").route(get().to(calls::list)))
        .service(reading("/v1/calls/{sid}").route(get().to(calls::show)))
        .service(
            resource("/v1/messages", "GET, HEAD, POST")
                .route(get().to(messages::list))
                .route(web::post().to(messages::send)),
        )
        .service(reading("/v1/messages/{sid}").route(get().to(messages::show)))
        .service(reading("/v1/conversations").route(get().to(conversations::list)))
        .service(reading("/v1/conversations/{id}").route(get().to(conversations::show)))
        .service(reading("/v1/deliveries").route(get().to(deliveries::list)))
        .service(reading("/v1/deliveries/{id}").route(get().to(deliveries::show)))
        .service(
            resource("/v1/deliveries/{id}/replay", "POST")
                .route(web::post().to(deliveries::replay)),
        )
        .service(
            resource("/v1/routes/explain", "POST").route(web::post().to(explanations::explain)),
        )
        .service(reading("/v1/rejections").route(get().to(rejections::list)))
        .service(reading("/v1/events").route(get().to(events::list)))
        .service(reading("/v1/audit").route(get().to(audit::list)));
}

/// A route for GET, and for HEAD, which is GET without a body.
fn get() -> actix_web::Route {
    web::route().guard(guard::fn_guard(|context| {
        matches!(context.head().method, Method::GET | Method::HEAD)
    }))
}

/// A path that is only read.
fn reading(path: &str) -> Resource {
    resource(path, "GET, HEAD")
}

/// A path that answers other methods than the allowed ones with a problem.
fn resource(path: &str, allowed: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        let mut response: HttpResponse =
            Problem::of(ProblemCode::MethodNotAllowed).error_response();
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        response
    }))
}
