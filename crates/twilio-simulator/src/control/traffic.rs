//! Incoming calls and messages. The response is sent when they have ended and contains the transcript. A client that
//! disconnects earlier ends the call as if the caller had hung up.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::{Value, json};

use super::error::{ControlError, read};
use crate::phone::{Reply, StreamReport};
use crate::traffic::Dispatcher;

/// `POST /simulator/calls`
pub(super) async fn call(
    dispatcher: Data<Dispatcher>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    let called = dispatcher.call(read(&body)?, &|_entry| {}).await;
    let report = called.map_err(ControlError::Undelivered)?;
    Ok(HttpResponse::Ok().json(json!({
        "sid": report.sid,
        "status": report.status,
        "seconds": report.seconds,
        "streams": report.streams.iter().map(stream).collect::<Vec<_>>(),
        "transcript": report.transcript.entries,
    })))
}

/// `POST /simulator/messages`
pub(super) async fn message(
    dispatcher: Data<Dispatcher>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    let delivered = dispatcher.message(read(&body)?, &|_entry| {}).await;
    let report = delivered.map_err(ControlError::Undelivered)?;
    Ok(HttpResponse::Ok().json(json!({
        "sid": report.sid,
        "replies": report.replies.iter().map(reply).collect::<Vec<_>>(),
        "transcript": report.transcript.entries,
    })))
}

fn stream(stream: &StreamReport) -> Value {
    json!({
        "sid": stream.sid,
        "url": stream.url,
        "frames_sent": stream.frames_sent,
        "frames_received": stream.frames_received,
        "heard_bytes": stream.heard.len(),
        "marks": stream.marks,
        "ended_by": stream.ended_by,
    })
}

fn reply(reply: &Reply) -> Value {
    json!({
        "sid": reply.sid,
        "from": reply.from,
        "to": reply.to,
        "body": reply.body,
        "media": reply.media,
    })
}
