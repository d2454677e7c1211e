//! Messages of a media stream (Twilio, Media Streams: "WebSocket Messages").

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A message from Twilio.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub(crate) enum Incoming {
    Connected,
    Start { start: Start },
    Media { media: Media },
    Dtmf { dtmf: Dtmf },
    Mark { mark: Mark },
    Stop,
}

/// The start of the stream.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Start {
    pub(crate) account_sid: String,
    pub(crate) call_sid: String,
    pub(crate) stream_sid: String,
    /// The `<Parameter>`s of the `<Stream>`.
    pub(crate) custom_parameters: HashMap<String, String>,
}

/// 20 ms of mu-law audio in base64.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Media {
    pub(crate) payload: String,
}

/// A key that the caller pressed.
#[derive(Debug, Deserialize)]
pub(crate) struct Dtmf {
    pub(crate) digit: String,
}

/// A position in the outgoing audio. Twilio returns it when the caller has heard the audio before it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Mark {
    pub(crate) name: String,
}

/// A message to Twilio.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Outgoing<'a> {
    Media { stream_sid: &'a str, media: Media },
    Mark { stream_sid: &'a str, mark: Mark },
}
