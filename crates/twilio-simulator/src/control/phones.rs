//! Scripted phones.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};

use super::error::{ControlError, read};
use crate::simulator::Simulator;

/// `POST /simulator/phones`
pub(super) async fn add(
    simulator: Data<Simulator>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    simulator.add_phone(read(&body)?);
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /simulator/phones/{address}`
pub(super) async fn show(simulator: Data<Simulator>, address: Path<String>) -> HttpResponse {
    match simulator.phone(&address) {
        Some(phone) => HttpResponse::Ok().json(phone),
        None => HttpResponse::NotFound().finish(),
    }
}
