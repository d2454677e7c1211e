//! Messaging Services and the senders in their pools.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::shelf::{Kept, Shelf};
use super::sid::Sid;
use super::webhook::WebhookMethod;

/// Senders that share one configuration (Twilio, Messaging: Service resource).
#[derive(Debug)]
pub(crate) struct MessagingService {
    /// `MG…`.
    pub(crate) sid: Sid,
    pub(crate) friendly_name: String,
    pub(crate) settings: ServiceSettings,
    pub(crate) phone_numbers: Shelf<PoolMember>,
    pub(crate) channel_senders: Shelf<PoolMember>,
    pub(crate) short_codes: Shelf<PoolMember>,
    pub(crate) alpha_senders: Shelf<PoolMember>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Kept for MessagingService {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// What an account can set of a Messaging Service, by Twilio's names. An empty URL is one that is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceSettings {
    /// Answers messages to every sender of the pool.
    pub inbound_request_url: String,
    /// Method of `inbound_request_url`.
    pub inbound_method: WebhookMethod,
    /// Answers messages that `inbound_request_url` did not.
    pub fallback_url: String,
    /// Method of `fallback_url`.
    pub fallback_method: WebhookMethod,
    /// Hears of the progress of messages.
    pub status_callback: String,
    /// Whether the sender's own webhook answers instead of `inbound_request_url`.
    pub use_inbound_webhook_on_number: bool,
}

/// A sender in a pool: a phone number, a WhatsApp or RCS sender, a short code or a name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PoolMember {
    /// The sender's own SID: `PN…`, `XE…`, `SC…` or `AI…`.
    pub(crate) sid: Sid,
    /// The number, address, code or name.
    pub(crate) sender: String,
    pub(crate) added: Timestamp,
}

/// Members are shown by their SID, as a log is no place for a phone number.
impl fmt::Debug for PoolMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolMember").field("sid", &self.sid).finish_non_exhaustive()
    }
}

impl Kept for PoolMember {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}
