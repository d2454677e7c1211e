//! An endpoint for the messages of an agent.

mod signature;

use std::io;
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde::Deserialize;
use serde_json::json;

pub use signature::{Secret, SecretError, SignatureError};

/// The largest request that is read, in bytes: a message with its conversation has at most about 100 kB.
const MAX_BODY: usize = 1024 * 1024;

/// A delivery. It has more fields, which this endpoint does not need.
#[derive(Debug, Deserialize)]
struct Delivery {
    data: Message,
}

#[derive(Debug, Deserialize)]
struct Message {
    body: String,
}

/// Answers deliveries until the process is stopped.
pub async fn serve(listener: TcpListener, secret: Secret) -> io::Result<()> {
    let secret = Data::new(secret);
    let app = move || {
        App::new()
            .app_data(Data::clone(&secret))
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .default_service(web::post().to(receive))
    };
    HttpServer::new(app).workers(1).listen(listener)?.run().await
}

async fn receive(request: HttpRequest, body: Bytes, secret: Data<Secret>) -> HttpResponse {
    let header =
        |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let id = header("webhook-id");
    let (timestamp, signatures) = (header("webhook-timestamp"), header("webhook-signature"));
    if let Err(error) = secret.verify(id, timestamp, signatures, &body, now()) {
        tracing::warn!(%error, "delivery refused");
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(delivery) = serde_json::from_slice::<Delivery>(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    // The id is the same when a message is delivered again, so an endpoint that has done its work already can see that.
    tracing::info!(id, "message received");
    HttpResponse::Ok().json(json!({"reply": {"body": reply(&delivery.data)}}))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock of the endpoint")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

fn reply(message: &Message) -> String {
    format!("You wrote: {}", message.body)
}
