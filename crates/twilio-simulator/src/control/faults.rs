//! Fault injection, conditions, and the request log.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::json;

use super::error::{ControlError, read};
use crate::simulator::Simulator;

/// `GET /simulator/faults`
pub(super) async fn faults(simulator: Data<Simulator>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"faults": simulator.faults()}))
}

/// `POST /simulator/faults`
pub(super) async fn inject_fault(
    simulator: Data<Simulator>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    simulator.inject_fault(read(&body)?);
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /simulator/faults`
pub(super) async fn clear_faults(simulator: Data<Simulator>) -> HttpResponse {
    simulator.clear_faults();
    HttpResponse::NoContent().finish()
}

/// `GET /simulator/conditions`
pub(super) async fn conditions(simulator: Data<Simulator>) -> HttpResponse {
    HttpResponse::Ok().json(simulator.conditions())
}

/// `PUT /simulator/conditions`
pub(super) async fn set_conditions(
    simulator: Data<Simulator>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    simulator.set_conditions(read(&body)?);
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /simulator/requests`
pub(super) async fn requests(simulator: Data<Simulator>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"requests": simulator.requests()}))
}

/// `DELETE /simulator/requests`
pub(super) async fn clear_requests(simulator: Data<Simulator>) -> HttpResponse {
    simulator.forget_requests();
    HttpResponse::NoContent().finish()
}
