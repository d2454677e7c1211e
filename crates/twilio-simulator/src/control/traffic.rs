//! Calls and messages from outside. The answer comes when they are over, with all that happened; whoever goes away
//! before ends a call like somebody who hangs up.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use serde_json::{Value, json};

use super::failure::{Failure, read};
use crate::phone::{Reply, StreamReport};
use crate::traffic::Switchroom;

/// `POST /simulator/calls`
pub(super) async fn call(
    switchroom: Data<Switchroom>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let called = switchroom.call(read(&body)?, &|_entry| {}).await;
    let report = called.map_err(Failure::Undelivered)?;
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
    switchroom: Data<Switchroom>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let delivered = switchroom.message(read(&body)?, &|_entry| {}).await;
    let report = delivered.map_err(Failure::Undelivered)?;
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
