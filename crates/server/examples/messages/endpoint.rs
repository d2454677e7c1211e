//! The endpoints of agents: one server that counts what it receives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use actix_web::{App, HttpResponse, HttpServer, web};

/// When each message arrived, by the number in its SID.
pub(crate) type Arrivals = Arc<Mutex<HashMap<u64, Instant>>>;

/// The URL of the endpoint with this number, which accepts each message without a reply.
pub(crate) fn url(port: u16, n: usize) -> String {
    format!("http://127.0.0.1:{port}/answers/{n}")
}

/// The URL of an endpoint that never answers.
pub(crate) fn silent_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/silent")
}

/// Starts the server.
pub(crate) fn start(port: u16) -> Arrivals {
    let arrivals = Arrivals::default();
    let shared = web::Data::from(Arc::clone(&arrivals));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .route("/answers/{n}", web::post().to(accept))
            .route("/silent", web::post().to(std::future::pending::<HttpResponse>))
    });
    tokio::spawn(server.workers(1).bind(("127.0.0.1", port)).unwrap().run());
    arrivals
}

async fn accept(body: String, arrivals: web::Data<Mutex<HashMap<u64, Instant>>>) -> HttpResponse {
    let now = Instant::now();
    let (_, rest) = body.split_once("\"message_sid\":\"SM").unwrap();
    let n = u64::from_str_radix(&rest[16..32], 16).unwrap();
    arrivals.lock().unwrap().entry(n).or_insert(now);
    HttpResponse::NoContent().finish()
}
