//! Messages of a media stream (Twilio, Media Streams: "WebSocket Messages").

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// What Twilio says.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub(crate) enum Said {
    Connected,
    Start { start: Start },
    Media { media: Media },
    Dtmf { dtmf: Dtmf },
    Mark { mark: Mark },
    Stop,
}

/// The first message with something in it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Start {
    pub(crate) account_sid: String,
    pub(crate) call_sid: String,
    pub(crate) stream_sid: String,
    /// The `<Parameter>`s of the `<Stream>`.
    pub(crate) custom_parameters: HashMap<String, String>,
}

/// 20 milliseconds of mu-law in base64.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Media {
    pub(crate) payload: String,
}

/// A key that the caller pressed.
#[derive(Debug, Deserialize)]
pub(crate) struct Dtmf {
    pub(crate) digit: String,
}

/// A place in what we say; it comes back when the caller has heard all before it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Mark {
    pub(crate) name: String,
}

/// What we say.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Say<'a> {
    Media { stream_sid: &'a str, media: Media },
    Mark { stream_sid: &'a str, mark: Mark },
}
