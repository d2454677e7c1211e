//! What was found at the carrier, and how it differs from the store.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::{AccountStatus, Capabilities, CarrierAccount, CarrierError};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::{Channels, Number};
use switchboard_domain::ports::Retry;
use switchboard_domain::secret::Secret;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::ManageError;

use super::UrlOwner;

/// An account found at the carrier.
#[derive(Clone, Debug)]
pub struct FoundAccount {
    /// The properties of the account.
    pub account: CarrierAccount,
    /// Its numbers.
    pub inventory: Inventory<FoundNumber>,
}

/// The numbers of an account, or why they were not read.
#[derive(Clone, Debug)]
pub enum Inventory<N> {
    /// The numbers were read.
    Listed(Contents<N>),
    /// Nothing was read, because the account is suspended or closed.
    Inactive,
    /// Reading failed.
    Unreachable(Arc<Unreachable>),
}

/// Why an account could not be read at the carrier.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The carrier does not return the auth token of the account, and none is stored.
    #[error("Twilio does not return the auth token of account {account}")]
    TokenUnknown {
        /// The account without a token.
        account: AccountSid,
        /// The account that owns it.
        owner: AccountSid,
    },
    /// The stored credentials cannot be used.
    #[error("the stored credentials of the account cannot be used")]
    Access(#[source] ManageError),
    /// The carrier did not answer, or refused.
    #[error("the account could not be read at Twilio")]
    Carrier(#[source] CarrierError),
}

impl Unreachable {
    /// Whether retrying the same operation later can succeed.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::TokenUnknown { .. } => Retry::Never,
            Self::Access(error) => error.retry(),
            Self::Carrier(error) => error.retry(),
        }
    }
}

/// The resources of an account.
#[derive(Clone, Debug)]
pub struct Contents<N> {
    /// The numbers that the account has at the carrier.
    pub numbers: Vec<N>,
    /// The number of Messaging Services.
    pub services: usize,
    /// The number of WhatsApp and RCS senders.
    pub senders: usize,
}

/// A number or another sender found at the carrier.
#[derive(Clone, Debug)]
pub struct FoundNumber {
    /// The phone number in E.164 format, the short code or the other sender.
    pub sender: Sender,
    /// The supported channels.
    pub capabilities: Capabilities,
    /// The owner of the URL for calls.
    pub voice: UrlOwner,
    /// The owner of the URL for messages: SMS and MMS of a number, or all of another sender.
    pub messages: UrlOwner,
    /// The owner of the URL of its WhatsApp sender, if it has one.
    pub whatsapp: Option<UrlOwner>,
    /// The owner of the URL of its RCS sender, if it has one.
    pub rcs: Option<UrlOwner>,
}

/// The stored accounts, numbers and agents of an organization.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Accounts by SID.
    pub accounts: HashMap<AccountSid, Account>,
    /// Numbers and other senders.
    pub numbers: HashMap<Sender, Number>,
    /// The agents that legacy URLs name, by the id in the URL. Unknown ids are absent.
    pub agents: HashMap<String, ProposedAgent>,
}

/// The agent that a legacy URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedAgent {
    /// The id of the agent.
    pub id: AgentId,
    /// The id in the platform of the operator.
    pub external_id: Option<Label>,
    /// The display name.
    pub name: Label,
}

/// The difference between an account at the carrier and in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountDiff {
    /// It is not stored.
    New,
    /// It is stored with this status.
    Known(AccountStatus),
    /// It is stored, but its parent does not own it at the carrier.
    Gone,
}

/// An account, compared with the stored one.
#[derive(Clone, Debug)]
pub struct AccountFinding {
    /// The SID of the account.
    pub sid: AccountSid,
    /// The name at the carrier, or the stored name if the account is gone.
    pub name: String,
    /// The owner, if this is a subaccount.
    pub parent: Option<AccountSid>,
    /// The status at the carrier, or `None` if the account is gone.
    pub status: Option<AccountStatus>,
    /// The auth token, if the carrier returned it.
    pub token: Option<Secret>,
    /// The difference from the stored account.
    pub diff: AccountDiff,
    /// Its numbers.
    pub inventory: Inventory<NumberFinding>,
}

impl AccountFinding {
    /// The numbers, which are empty if they were not read.
    pub fn numbers(&self) -> &[NumberFinding] {
        match &self.inventory {
            Inventory::Listed(contents) => &contents.numbers,
            Inventory::Inactive | Inventory::Unreachable(_) => &[],
        }
    }
}

/// The difference between a number at the carrier and in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberDiff {
    /// It is not stored.
    New,
    /// It is stored with the same account.
    Known,
    /// It is stored with this other account.
    Moved(AccountSid),
    /// It is stored, but the account does not own it at the carrier.
    Gone,
}

/// A number, compared with the stored one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFinding {
    /// The phone number in E.164 format, the short code or the other sender.
    pub sender: Sender,
    /// The difference from the stored number.
    pub diff: NumberDiff,
    /// The owner of the URL for calls.
    pub voice: UrlOwner,
    /// The owner of the URL for messages: SMS and MMS of a number, or all of another sender.
    pub messages: UrlOwner,
    /// The owner of the URL of its WhatsApp sender, if it has one.
    pub whatsapp: Option<UrlOwner>,
    /// The owner of the URL of its RCS sender, if it has one.
    pub rcs: Option<UrlOwner>,
    /// The agent that it could be assigned to.
    pub proposal: Proposal,
}

/// The agent that a number could be assigned to, according to its legacy URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// The number has no legacy URL.
    NoLegacyUrl,
    /// The number is already assigned.
    Assigned,
    /// The agent that the legacy URLs name, for the supported channels that have such a URL.
    Agent(ProposedAgent, Channels),
    /// The legacy URLs contain this id, which no stored agent has.
    Unknown(String),
    /// The legacy URLs contain several agent ids.
    Ambiguous(Vec<String>),
    /// The number supports none of the channels that have a legacy URL.
    Unsupported,
}
