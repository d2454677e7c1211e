//! `/authorize/{CN…}`: the pages on which a customer authorizes a Connect app (Twilio, Connect).

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use switchboard_domain::sid::AccountSid;
use url::Url;

use crate::simulator::{ConnectApp, Sid, Simulator};

/// Registers the pages.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/authorize/{app}").get(show))
        .service(web::resource("/authorize/{app}/accept").get(accept))
        .service(web::resource("/authorize/{app}/deny").get(deny));
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    state: String,
    /// An account that authorized the app before, to authorize it again; a new one if it is missing.
    account: Option<String>,
}

/// The page with the customer's choice.
async fn show(request: HttpRequest, simulator: Data<Simulator>, app: Path<String>) -> HttpResponse {
    if found(&simulator, &app).is_none() {
        return HttpResponse::NotFound().finish();
    }
    let query = request.query_string().replace('&', "&amp;").replace(['"', '<', '>'], "");
    let link = |choice: &str| {
        format!("<p><a href=\"/authorize/{}/{choice}?{query}\">{choice}</a></p>", app.as_str())
    };
    let page = format!(
        "<!DOCTYPE html>\n<title>Authorize</title>\n<h1>Authorize the app?</h1>\n{}\n{}\n",
        link("accept"),
        link("deny")
    );
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/html;charset=utf-8")).body(page)
}

/// The customer authorizes the app.
async fn accept(
    simulator: Data<Simulator>,
    app: Path<String>,
    asked: Query<Asked>,
) -> HttpResponse {
    let again = match asked.account.as_deref().map(AccountSid::parse).transpose() {
        Ok(again) => again,
        Err(_no_sid) => return HttpResponse::NotFound().finish(),
    };
    let Some(app) = found(&simulator, &app) else { return HttpResponse::NotFound().finish() };
    match simulator.authorize(app.sid, again) {
        Some(account) => {
            redirect(&app, &[("AccountSid", account.as_str()), ("state", &asked.state)])
        }
        None => HttpResponse::NotFound().finish(),
    }
}

/// The customer denies it.
async fn deny(simulator: Data<Simulator>, app: Path<String>, asked: Query<Asked>) -> HttpResponse {
    match found(&simulator, &app) {
        Some(app) => redirect(&app, &[("error", "unauthorized_client"), ("state", &asked.state)]),
        None => HttpResponse::NotFound().finish(),
    }
}

fn found(simulator: &Simulator, app: &str) -> Option<ConnectApp> {
    simulator.connect_app(Sid::parse("CN", app)?)
}

/// Sends the browser back to the app.
fn redirect(app: &ConnectApp, fields: &[(&str, &str)]) -> HttpResponse {
    match Url::parse(&app.authorize_redirect_url) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(fields);
            HttpResponse::build(StatusCode::FOUND).insert_header((LOCATION, url.as_str())).finish()
        }
        Err(_no_url) => HttpResponse::NotFound().finish(),
    }
}
