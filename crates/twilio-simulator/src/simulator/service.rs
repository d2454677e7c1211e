//! Messaging Services and their sender pools.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::paged_store::{Keyed, PagedStore};
use super::sid::Sid;
use super::webhook::WebhookMethod;

/// A pool of senders with shared settings (Twilio, Messaging: Service resource).
#[derive(Debug)]
pub(crate) struct MessagingService {
    /// The service's SID: `MG…`.
    pub(crate) sid: Sid,
    pub(crate) friendly_name: String,
    pub(crate) settings: ServiceSettings,
    pub(crate) phone_numbers: PagedStore<PoolMember>,
    pub(crate) channel_senders: PagedStore<PoolMember>,
    pub(crate) short_codes: PagedStore<PoolMember>,
    pub(crate) alpha_senders: PagedStore<PoolMember>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Keyed for MessagingService {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// The settings of a Messaging Service, with Twilio's field names. An empty URL is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceSettings {
    /// Called for messages to any sender in the pool.
    pub inbound_request_url: String,
    /// Method of `inbound_request_url`.
    pub inbound_method: WebhookMethod,
    /// Called if `inbound_request_url` fails.
    pub fallback_url: String,
    /// Method of `fallback_url`.
    pub fallback_method: WebhookMethod,
    /// Called when the status of a message changes.
    pub status_callback: String,
    /// Whether the sender's own webhook is called instead of `inbound_request_url`.
    pub use_inbound_webhook_on_number: bool,
}

/// A sender in a pool: a phone number, a WhatsApp or RCS sender, a short code or an alphanumeric sender ID.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PoolMember {
    /// The sender's own SID: `PN…`, `XE…`, `SC…` or `AI…`.
    pub(crate) sid: Sid,
    /// The number, address, short code or alphanumeric ID.
    pub(crate) sender: String,
    pub(crate) added: Timestamp,
}

/// Shows only the SID, because phone numbers must not be logged.
impl fmt::Debug for PoolMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolMember").field("sid", &self.sid).finish_non_exhaustive()
    }
}

impl Keyed for PoolMember {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}
