//! `/api/twilio/connect`: a customer comes back from Twilio. `/api/twilio/connect/deauthorize`: Twilio reports that a customer has
//! deauthorized the Connect app. Neither request is signed.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use switchboard_application_carrier::connect::NotConnected;
use switchboard_domain::causes::Causes;
use switchboard_domain::sid::{AccountSid, ConnectAppSid};

use crate::replies::ReplyBody;
use crate::response;
use crate::state::AppState;

const CONNECTED: &str = "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Account connected</title>\
     <h1>The account is connected</h1><p>You can close this page.</p></html>\n";
const NOT_CONNECTED: &str = "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Account not connected</title>\
     <h1>The account is not connected</h1><p>Ask for a new link, and try again.</p></html>\n";

/// What Twilio adds to the URL of the app. A customer who denied it has no account.
#[derive(Deserialize)]
struct Redirect {
    #[serde(rename = "AccountSid")]
    account: Option<String>,
    #[serde(default)]
    state: String,
}

/// A browser comes back. Everything but success looks alike.
pub(crate) async fn complete(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    // Programs that look at links send HEAD. It uses up no link.
    if request.method() == Method::HEAD {
        return page(StatusCode::FORBIDDEN, NOT_CONNECTED);
    }
    let redirect = Query::<Redirect>::from_query(request.query_string());
    let Ok(Query(Redirect { account, state: link })) = redirect else {
        return page(StatusCode::FORBIDDEN, NOT_CONNECTED);
    };
    let Ok(account) = account.as_deref().map(AccountSid::parse).transpose() else {
        return page(StatusCode::FORBIDDEN, NOT_CONNECTED);
    };
    match state.use_cases.complete_connect.complete(account, &link).await {
        Ok(account) => {
            tracing::info!(account.sid = %account.sid, organization.id = %account.organization, "account connected");
            page(StatusCode::OK, CONNECTED)
        }
        Err(error) => {
            note(&error);
            page(StatusCode::FORBIDDEN, NOT_CONNECTED)
        }
    }
}

fn note(error: &NotConnected) {
    match error {
        NotConnected::NotConfigured | NotConnected::Forged => {
            tracing::debug!(error = %Causes(error), "account not connected");
        }
        NotConnected::LinkUsed
        | NotConnected::Denied
        | NotConnected::Busy
        | NotConnected::NotAuthorized(_)
        | NotConnected::Changed(_) => {
            tracing::warn!(error = %Causes(error), "account not connected");
        }
        NotConnected::Carrier(_) | NotConnected::Manage(_) | NotConnected::Store { .. } => {
            tracing::error!(error = %Causes(error), "account not connected");
        }
    }
}

/// A page of fixed text. No cache keeps it, and the URL with the `state` goes nowhere else.
fn page(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")))
        .insert_header((CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")))
        .insert_header((REFERRER_POLICY, HeaderValue::from_static("no-referrer")))
        .insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(text)
}

#[derive(Deserialize)]
struct Report {
    #[serde(rename = "AccountSid")]
    account: String,
    #[serde(rename = "ConnectAppSid")]
    app: String,
}

/// Twilio reports a deauthorization. The answer is always the same, and comes before Twilio is asked.
pub(crate) async fn deauthorize(body: ReplyBody, state: Data<AppState>) -> HttpResponse {
    let report = std::str::from_utf8(&body.0).ok().and_then(|text| {
        let Query(Report { account, app }) = Query::<Report>::from_query(text).ok()?;
        Some((AccountSid::parse(&account).ok()?, ConnectAppSid::parse(&app).ok()?))
    });
    if let Some((account, app)) = report {
        state.use_cases.deauthorize.report(account, app);
    }
    response::empty(StatusCode::NO_CONTENT)
}
