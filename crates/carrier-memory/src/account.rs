//! An account and its resources.

use std::collections::{BTreeMap, BTreeSet};

use switchboard_domain::carrier::{
    ApiKey, CallUpdate, CarrierAccount, CarrierApplication, CarrierNumber, CarrierSender,
    MediaFile, MessagingService, OutgoingMessage, Region,
};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::{
    AccountSid, ApplicationSid, CallSid, MediaSid, MessageSid, NumberSid, SenderSid, ServiceSid,
};

/// A call and its last instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallState {
    /// The last instructions; `None` before the first.
    pub instructions: Option<CallUpdate>,
    /// Whether it has ended.
    pub is_over: bool,
}

/// An account and its resources.
#[derive(Debug)]
pub(crate) struct StoredAccount {
    /// With its primary token.
    pub(crate) account: CarrierAccount,
    pub(crate) secondary: Option<Secret>,
    pub(crate) api_keys: Vec<ApiKey>,
    /// The account that owns the Connect app that this account has authorized.
    pub(crate) app_owner: Option<AccountSid>,
    pub(crate) numbers: BTreeMap<NumberSid, CarrierNumber>,
    pub(crate) regions: BTreeMap<PhoneNumber, Region>,
    pub(crate) applications: BTreeMap<ApplicationSid, CarrierApplication>,
    pub(crate) services: BTreeMap<ServiceSid, StoredService>,
    pub(crate) senders: BTreeMap<SenderSid, CarrierSender>,
    pub(crate) calls: BTreeMap<CallSid, CallState>,
    pub(crate) messages: Vec<(MessageSid, OutgoingMessage)>,
    pub(crate) media: BTreeMap<(MessageSid, MediaSid), MediaFile>,
}

/// A Messaging Service and its pool.
#[derive(Debug)]
pub(crate) struct StoredService {
    pub(crate) service: MessagingService,
    pub(crate) pool: BTreeSet<NumberSid>,
}

impl StoredAccount {
    pub(crate) const fn new(account: CarrierAccount) -> Self {
        Self {
            account,
            secondary: None,
            api_keys: Vec::new(),
            app_owner: None,
            numbers: BTreeMap::new(),
            regions: BTreeMap::new(),
            applications: BTreeMap::new(),
            services: BTreeMap::new(),
            senders: BTreeMap::new(),
            calls: BTreeMap::new(),
            messages: Vec::new(),
            media: BTreeMap::new(),
        }
    }

    /// Whether this is one of the account's tokens.
    pub(crate) fn has_token(&self, token: &Secret) -> bool {
        let tokens = [self.account.token.as_ref(), self.secondary.as_ref()];
        tokens.into_iter().flatten().any(|own| own.expose() == token.expose())
    }

    /// Whether this is one of the account's API keys.
    pub(crate) fn has_key(&self, key: &ApiKey) -> bool {
        let is_it = |own: &ApiKey| own.sid == key.sid && own.secret.expose() == key.secret.expose();
        self.api_keys.iter().any(is_it)
    }

    /// The number or short code.
    pub(crate) fn number(&self, sender: Sender) -> Option<&CarrierNumber> {
        self.numbers.values().find(|number| number.sender == sender)
    }
}
