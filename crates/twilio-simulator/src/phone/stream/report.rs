//! What came of a stream.

use serde::Serialize;

use crate::phone::transcript::Alert;
use switchboard_domain::string_enum;

string_enum! {
    /// Who ended a stream.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum EndedBy {
        /// The caller hung up.
        Caller = "caller",
        /// The voice server closed the connection.
        Server = "server",
        /// The call was changed from outside.
        Change = "change",
        /// It took longer than the caller was told to stay.
        Limit = "limit",
    }
}

/// What came of a media stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReport {
    /// Its SID, `MZ…`.
    pub sid: String,
    /// Where it went.
    pub url: String,
    /// The parameters that the server was told.
    pub parameters: Vec<(String, String)>,
    /// Frames of 20 ms that went to the server.
    pub frames_sent: usize,
    /// Messages with audio that came from the server.
    pub frames_received: usize,
    /// What the caller heard: mu-law at 8 kHz. What was cleared is not in it, nor are pauses.
    pub heard: Vec<u8>,
    /// The marks that were played, in order.
    pub marks: Vec<String>,
    /// Who ended it.
    pub ended_by: EndedBy,
}

/// A media stream that was open, and what went wrong with it.
pub(crate) struct StreamEnd {
    pub(crate) frames_sent: usize,
    pub(crate) frames_received: usize,
    pub(crate) heard: Vec<u8>,
    pub(crate) marks: Vec<String>,
    pub(crate) ended_by: EndedBy,
    pub(crate) failure: Option<Alert>,
}

/// How a conversation relay ended.
pub(crate) struct RelayEnd {
    pub(crate) prompts: usize,
    pub(crate) texts: usize,
    pub(crate) ended_by: EndedBy,
    /// What the server hands to the action.
    pub(crate) handoff: Option<String>,
    pub(crate) failure: Option<Alert>,
}
