//! Results of streams.

use serde::Serialize;
use switchboard_domain::string_enum;

use crate::phone::transcript::Alert;

string_enum! {
    /// Who ended a stream.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum EndedBy {
        /// The caller hung up.
        Caller = "caller",
        /// The voice server closed the connection.
        Server = "server",
        /// The call was updated through the REST API.
        Change = "change",
        /// The caller's maximum duration was reached.
        Limit = "limit",
    }
}

/// The result of a media stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReport {
    /// The stream's SID: `MZ…`.
    pub sid: String,
    /// The voice server's URL.
    pub url: String,
    /// The custom parameters sent to the server.
    pub parameters: Vec<(String, String)>,
    /// The number of 20 ms frames sent to the server.
    pub frames_sent: usize,
    /// The number of audio messages received from the server.
    pub frames_received: usize,
    /// The audio played to the caller: mu-law at 8 kHz, without cleared audio and pauses.
    pub heard: Vec<u8>,
    /// The marks that were played, in order.
    pub marks: Vec<String>,
    /// Who ended the stream.
    pub ended_by: EndedBy,
}

/// The result of a media stream, with its failure.
pub(crate) struct StreamEnd {
    pub(crate) frames_sent: usize,
    pub(crate) frames_received: usize,
    pub(crate) heard: Vec<u8>,
    pub(crate) marks: Vec<String>,
    pub(crate) ended_by: EndedBy,
    pub(crate) failure: Option<Alert>,
}

/// The result of a conversation relay.
pub(crate) struct RelayEnd {
    pub(crate) prompts: usize,
    pub(crate) texts: usize,
    pub(crate) ended_by: EndedBy,
    /// The data that the server passes to the action URL.
    pub(crate) handoff: Option<String>,
    pub(crate) failure: Option<Alert>,
}
