//! What was asked, and what is ordered to go wrong.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::json;

use super::failure::{Failure, read};
use crate::company::Company;

/// `GET /simulator/faults`
pub(super) async fn faults(company: Data<Company>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"faults": company.faults()}))
}

/// `POST /simulator/faults`
pub(super) async fn order(company: Data<Company>, body: Bytes) -> Result<HttpResponse, Failure> {
    company.order(read(&body)?);
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /simulator/faults`
pub(super) async fn clear_faults(company: Data<Company>) -> HttpResponse {
    company.clear_faults();
    HttpResponse::NoContent().finish()
}

/// `GET /simulator/conditions`
pub(super) async fn conditions(company: Data<Company>) -> HttpResponse {
    HttpResponse::Ok().json(company.conditions())
}

/// `PUT /simulator/conditions`
pub(super) async fn set_conditions(
    company: Data<Company>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    company.set_conditions(read(&body)?);
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /simulator/requests`
pub(super) async fn requests(company: Data<Company>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"requests": company.requests()}))
}

/// `DELETE /simulator/requests`
pub(super) async fn forget(company: Data<Company>) -> HttpResponse {
    company.forget_requests();
    HttpResponse::NoContent().finish()
}
