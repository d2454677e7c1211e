//! Accounts, subaccounts and their credentials.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_domain::carrier::MediaFile;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::{AccountSid, MediaSid, MessageSid};
use switchboard_domain::time::Timestamp;

use super::application::Application;
use super::call::Call;
use super::message::Message;
use super::number::IncomingPhoneNumber;
use super::paged_store::{Keyed, PagedStore};
use super::sender::ChannelSender;
use super::service::MessagingService;
use super::short_code::ShortCode;
use super::sid::Sid;

/// An account with all of its resources.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) sid: AccountSid,
    /// The main account, or the account itself if it is a main account.
    pub(crate) owner: AccountSid,
    pub(crate) friendly_name: String,
    pub(crate) status: AccountStatus,
    pub(crate) kind: AccountKind,
    pub(crate) tokens: Tokens,
    pub(crate) keys: Vec<ApiKey>,
    /// The Connect app that the account's customer has authorized: `CN…`.
    pub(crate) authorized_app: Option<Sid>,
    pub(crate) numbers: PagedStore<IncomingPhoneNumber>,
    pub(crate) short_codes: PagedStore<ShortCode>,
    pub(crate) applications: PagedStore<Application>,
    pub(crate) services: PagedStore<MessagingService>,
    pub(crate) senders: PagedStore<ChannelSender>,
    pub(crate) messages: PagedStore<Message>,
    pub(crate) media: BTreeMap<(MessageSid, MediaSid), MediaFile>,
    pub(crate) calls: PagedStore<Call>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Account {
    /// An active account without any resources.
    pub(crate) fn new(sid: AccountSid, owner: AccountSid, primary: Secret, now: Timestamp) -> Self {
        Self {
            sid,
            owner,
            friendly_name: String::new(),
            status: AccountStatus::Active,
            kind: AccountKind::Full,
            tokens: Tokens { primary, secondary: None },
            keys: Vec::new(),
            authorized_app: None,
            numbers: PagedStore::default(),
            short_codes: PagedStore::default(),
            applications: PagedStore::default(),
            services: PagedStore::default(),
            senders: PagedStore::default(),
            messages: PagedStore::default(),
            media: BTreeMap::new(),
            calls: PagedStore::default(),
            created: now,
            updated: now,
        }
    }

    /// Whether this is a main account, which can have subaccounts.
    pub(crate) fn is_main(&self) -> bool {
        self.owner == self.sid
    }
}

impl Keyed for Account {
    type Key = AccountSid;

    fn key(&self) -> AccountSid {
        self.sid
    }
}

/// The status of an account (Twilio, Account resource: status values).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// The account can be used.
    #[default]
    Active,
    /// The account cannot be used until it is reactivated.
    Suspended,
    /// The account is closed permanently.
    Closed,
}

/// The type of an account (Twilio, Account resource: `type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountKind {
    /// A trial account.
    Trial,
    /// A paid account.
    #[default]
    Full,
}

/// The auth tokens of an account. Both authenticate API requests; only the primary token signs webhooks (Twilio, Auth
/// Tokens and how to change them).
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Signs webhooks and authenticates API requests.
    pub primary: Secret,
    /// Authenticates API requests; becomes the primary token when promoted. `None` unless a rotation is in progress.
    pub secondary: Option<Secret>,
}

/// An API key of an account.
#[derive(Clone, Debug)]
pub(crate) struct ApiKey {
    /// The key's SID: `SK…`.
    pub(crate) sid: Sid,
    pub(crate) secret: Secret,
    pub(crate) kind: KeyKind,
}

/// What an API key may access (Twilio, API keys: key types).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// All resources of its account.
    Main,
    /// All resources of its account except accounts and keys.
    #[default]
    Standard,
}
