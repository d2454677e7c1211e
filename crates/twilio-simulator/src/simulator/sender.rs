//! WhatsApp and RCS senders.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use switchboard_domain::time::Timestamp;

use super::paged_store::Keyed;
use super::sid::Sid;

/// A sender of a channel other than SMS (Twilio, Channels Senders API v2).
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelSender {
    /// The sender's SID: `XE…`.
    pub sid: Sid,
    /// `whatsapp:+E164` or `rcs:name`.
    pub sender_id: String,
    /// Twilio's status, usually `ONLINE`.
    pub status: String,
    /// The sender's webhook.
    pub webhook: SenderWebhook,
    /// The registration data, as JSON. The simulator stores it without interpreting it.
    pub configuration: Map<String, Value>,
    /// The public profile, as JSON. The simulator stores it without interpreting it.
    pub profile: Map<String, Value>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl ChannelSender {
    /// The channel: `whatsapp` or `rcs`.
    pub fn channel(&self) -> &str {
        self.sender_id.split_once(':').map_or("", |(channel, _)| channel)
    }
}

/// Shows only the SID, because phone numbers must not be logged.
impl fmt::Debug for ChannelSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelSender").field("sid", &self.sid).finish_non_exhaustive()
    }
}

impl Keyed for ChannelSender {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// The webhook settings of a sender, with Twilio's field names. `None` is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SenderWebhook {
    /// Called for incoming messages.
    pub callback_url: Option<String>,
    /// Method of `callback_url`.
    pub callback_method: Option<SenderMethod>,
    /// Called for incoming messages if `callback_url` fails.
    pub fallback_url: Option<String>,
    /// Method of `fallback_url`.
    pub fallback_method: Option<SenderMethod>,
    /// Called when the status of a message changes.
    pub status_callback_url: Option<String>,
    /// Method of `status_callback_url`.
    pub status_callback_method: Option<SenderMethod>,
}

/// The HTTP method of a sender's webhook. It differs from that of a phone number's webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SenderMethod {
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
}
