//! The paths of the public listener.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpResponse, Resource, Route, guard, web};
use switchboard_domain::rejection::Endpoint;

use crate::observe::Observe;
use crate::state::AppState;
use crate::{connect, media, replies, session, twilio_endpoints};

/// Adds the paths of webhooks and sessions. All workers share the state.
pub fn configure(config: &mut web::ServiceConfig, state: Arc<AppState>) {
    // Each path with and without a trailing slash: a URL that was configured with the slash is signed with it, and must
    // not be redirected, as Twilio would drop the body (Twilio, error 11215). They are resources of their own, since one
    // of several patterns is matched by a regular expression.
    for slash in ["", "/"] {
        let observe = |endpoint| Observe { endpoint, state: Arc::clone(&state) };
        config
            .service(
                path("/api/twilio/voice", slash, "GET, HEAD, POST")
                    .route(by(Method::POST).to(twilio_endpoints::voice))
                    .route(by_reading().to(twilio_endpoints::voice))
                    .wrap(observe(Endpoint::Voice)),
            )
            .service(
                path("/api/twilio/webhook", slash, "GET, HEAD, POST")
                    .route(by(Method::POST).to(twilio_endpoints::message))
                    .route(by_reading().to(twilio_endpoints::message))
                    .wrap(observe(Endpoint::Message)),
            )
            .service(
                path("/api/twilio/status", slash, "POST")
                    .route(by(Method::POST).to(twilio_endpoints::status))
                    .wrap(observe(Endpoint::Status)),
            )
            .service(
                path("/api/twilio/voice/connected", slash, "POST")
                    .route(by(Method::POST).to(twilio_endpoints::connected))
                    .wrap(observe(Endpoint::Connected)),
            )
            .service(
                path("/api/twilio/voice/handler", slash, "GET, HEAD, POST")
                    .route(by(Method::POST).to(twilio_endpoints::handler))
                    .route(by_reading().to(twilio_endpoints::handler))
                    .wrap(observe(Endpoint::Handler)),
            )
            .service(
                path("/api/twilio/connect", slash, "GET, HEAD")
                    .route(by_reading().to(connect::complete)),
            )
            .service(
                path("/api/twilio/connect/deauthorize", slash, "POST")
                    .route(by(Method::POST).to(connect::deauthorize)),
            )
            .service(
                path("/api/voice/sessions/{call_sid}", slash, "GET, HEAD")
                    .route(by_reading().to(session::open)),
            )
            .service(
                path("/api/messages/{message_sid}/replies", slash, "POST")
                    .route(by(Method::POST).to(replies::accept)),
            )
            .service(
                path("/api/messages/{message_sid}/media/{media_sid}", slash, "GET, HEAD")
                    .route(by_reading().to(media::fetch)),
            );
    }
    config.app_data(web::Data::from(state));
}

/// A route for one method. The method guards of actix-web allocate a list of the allowed methods
/// for each request. The default service below sends a fixed list instead.
fn by(method: Method) -> Route {
    web::route().guard(guard::fn_guard(move |context| context.head().method == method))
}

/// A route for GET, and for HEAD, which is GET without a response body.
fn by_reading() -> Route {
    web::route().guard(guard::fn_guard(|context| {
        matches!(context.head().method, Method::GET | Method::HEAD)
    }))
}

/// A path that answers all other methods with 405 and without a body.
fn path(path: &str, slash: &str, allowed: &'static str) -> Resource {
    debug_assert!(allowed.split(", ").all(|method| Method::from_bytes(method.as_bytes()).is_ok()));
    web::resource(format!("{path}{slash}")).default_service(web::to(move || async move {
        HttpResponse::MethodNotAllowed()
            .insert_header((ALLOW, HeaderValue::from_static(allowed)))
            .finish()
    }))
}
