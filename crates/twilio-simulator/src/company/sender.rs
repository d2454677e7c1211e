//! WhatsApp and RCS senders.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use switchboard_domain::time::Timestamp;

use super::shelf::Kept;
use super::sid::Sid;

/// A sender of another channel than the telephone (Twilio, Channels Senders API v2).
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelSender {
    /// `XE…`.
    pub sid: Sid,
    /// `whatsapp:+E164` or `rcs:name`.
    pub sender_id: String,
    /// `ONLINE` in general; see Twilio's list.
    pub status: String,
    /// Where its messages go.
    pub webhook: SenderWebhook,
    /// How it was registered, as JSON: the simulator only keeps it.
    pub configuration: Map<String, Value>,
    /// What people see of it, as JSON: the simulator only keeps it.
    pub profile: Map<String, Value>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl ChannelSender {
    /// `whatsapp` or `rcs`: what comes before the colon.
    pub fn channel(&self) -> &str {
        self.sender_id.split_once(':').map_or("", |(channel, _)| channel)
    }
}

/// Senders are shown by their SID, as a log is no place for a phone number.
impl fmt::Debug for ChannelSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelSender").field("sid", &self.sid).finish_non_exhaustive()
    }
}

impl Kept for ChannelSender {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// Where the messages of a sender go, by Twilio's names. `None` is one that is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SenderWebhook {
    /// Answers messages.
    pub callback_url: Option<String>,
    /// Method of `callback_url`.
    pub callback_method: Option<SenderMethod>,
    /// Answers messages that `callback_url` did not.
    pub fallback_url: Option<String>,
    /// Method of `fallback_url`.
    pub fallback_method: Option<SenderMethod>,
    /// Hears of the progress of messages.
    pub status_callback_url: Option<String>,
    /// Method of `status_callback_url`.
    pub status_callback_method: Option<SenderMethod>,
}

/// The HTTP method of a sender's webhook, which is not the one of a phone number's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SenderMethod {
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
}
