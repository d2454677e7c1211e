//! Accounts and subaccounts, and what opens them.

use serde::{Deserialize, Serialize};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::application::Application;
use super::call::Call;
use super::message::Message;
use super::number::IncomingPhoneNumber;
use super::sender::ChannelSender;
use super::service::MessagingService;
use super::shelf::{Kept, Shelf};
use super::sid::Sid;

/// An account and everything in it.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) sid: AccountSid,
    /// The main account; itself, if it is one.
    pub(crate) owner: AccountSid,
    pub(crate) friendly_name: String,
    pub(crate) status: AccountStatus,
    pub(crate) kind: AccountKind,
    pub(crate) tokens: Tokens,
    pub(crate) keys: Vec<ApiKey>,
    pub(crate) numbers: Shelf<IncomingPhoneNumber>,
    pub(crate) applications: Shelf<Application>,
    pub(crate) services: Shelf<MessagingService>,
    pub(crate) senders: Shelf<ChannelSender>,
    pub(crate) messages: Shelf<Message>,
    pub(crate) calls: Shelf<Call>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Account {
    /// An active account with nothing in it.
    pub(crate) fn new(sid: AccountSid, owner: AccountSid, primary: Secret, now: Timestamp) -> Self {
        Self {
            sid,
            owner,
            friendly_name: String::new(),
            status: AccountStatus::Active,
            kind: AccountKind::Full,
            tokens: Tokens { primary, secondary: None },
            keys: Vec::new(),
            numbers: Shelf::default(),
            applications: Shelf::default(),
            services: Shelf::default(),
            senders: Shelf::default(),
            messages: Shelf::default(),
            calls: Shelf::default(),
            created: now,
            updated: now,
        }
    }

    /// Whether other accounts can belong to it.
    pub(crate) fn is_main(&self) -> bool {
        self.owner == self.sid
    }
}

impl Kept for Account {
    type Key = AccountSid;

    fn key(&self) -> AccountSid {
        self.sid
    }
}

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// It can.
    #[default]
    Active,
    /// It cannot until it is made active again.
    Suspended,
    /// It never can again.
    Closed,
}

/// Whether an account is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountKind {
    /// It is not.
    Trial,
    /// It is.
    #[default]
    Full,
}

/// The auth tokens of an account. Both open it; only the primary one signs webhooks
/// (Twilio, Auth Tokens and how to change them).
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Signs webhooks.
    pub primary: Secret,
    /// Becomes the primary one when it is promoted.
    pub secondary: Option<Secret>,
}

/// An API key.
#[derive(Clone, Debug)]
pub(crate) struct ApiKey {
    /// `SK…`.
    pub(crate) sid: Sid,
    pub(crate) secret: Secret,
    pub(crate) kind: KeyKind,
}

/// What an API key opens (Twilio, API keys: key types).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Everything of its account.
    Main,
    /// Everything of its account but accounts and keys.
    #[default]
    Standard,
}
