//! What was found at the carrier, and how it stands to what is kept here.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::{AccountStatus, Capabilities, CarrierAccount, CarrierError};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::{Channels, Number};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use switchboard_application_management::ManageError;

use super::UrlOwner;

/// An account at the carrier, and what it has there.
#[derive(Clone, Debug)]
pub struct FoundAccount {
    /// The account.
    pub account: CarrierAccount,
    /// What it has.
    pub contents: Reach<FoundNumber>,
}

/// Whether an account told what it has.
#[derive(Clone, Debug)]
pub enum Reach<N> {
    /// It did.
    Reached(Contents<N>),
    /// It is suspended or closed, and was not asked.
    Inactive,
    /// It could not be asked.
    Unreachable(Arc<Unreachable>),
}

/// Why an account could not be asked at the carrier.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The carrier does not tell the account's auth token, and none is stored.
    #[error("Twilio does not tell the auth token of account {account}")]
    TokenUnknown {
        /// The account.
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

/// What an account has.
#[derive(Clone, Debug)]
pub struct Contents<N> {
    /// Its numbers.
    pub numbers: Vec<N>,
    /// How many Messaging Services it has.
    pub services: usize,
    /// How many WhatsApp and RCS senders it has.
    pub senders: usize,
}

/// A number at the carrier.
#[derive(Clone, Debug)]
pub struct FoundNumber {
    /// The number.
    pub phone_number: PhoneNumber,
    /// What it can carry.
    pub capabilities: Capabilities,
    /// Where its calls go.
    pub voice: UrlOwner,
    /// Where its SMS and MMS go.
    pub messages: UrlOwner,
    /// Where the messages of its WhatsApp sender go, where it has one.
    pub whatsapp: Option<UrlOwner>,
    /// Where the messages of its RCS sender go, where it has one.
    pub rcs: Option<UrlOwner>,
}

/// What is kept here.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Accounts.
    pub accounts: HashMap<AccountSid, Account>,
    /// Numbers.
    pub numbers: HashMap<PhoneNumber, Number>,
    /// The agents that old URLs name, by the id that stands there. An id that is not among them is nobody's.
    pub agents: HashMap<String, Choice>,
}

/// An agent that an old URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its key.
    pub id: AgentId,
    /// The id that the platform itself knows it by.
    pub external_id: Option<Label>,
    /// What people call it.
    pub name: Label,
}

/// How an account stands to what is kept here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStanding {
    /// It is not kept here.
    New,
    /// It is, with that status.
    Known(AccountStatus),
    /// It is kept here, but the account that should own it does not at the carrier.
    Gone,
}

/// An account, and how it and its numbers stand.
#[derive(Clone, Debug)]
pub struct AccountFinding {
    /// Twilio's key of it.
    pub sid: AccountSid,
    /// What people call it: at the carrier, or here if it is gone there.
    pub name: String,
    /// The account that owns it, if that is another one.
    pub parent: Option<AccountSid>,
    /// Its status at the carrier; none if it is gone there.
    pub status: Option<AccountStatus>,
    /// Its token, if the carrier has told it.
    pub token: Option<Secret>,
    /// How it stands.
    pub standing: AccountStanding,
    /// What it has.
    pub contents: Reach<NumberFinding>,
}

impl AccountFinding {
    /// Its numbers, if it told them.
    pub fn numbers(&self) -> &[NumberFinding] {
        match &self.contents {
            Reach::Reached(contents) => &contents.numbers,
            Reach::Inactive | Reach::Unreachable(_) => &[],
        }
    }
}

/// How a number stands to what is kept here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberStanding {
    /// It is not kept here.
    New,
    /// It is, as one of the same account.
    Known,
    /// It is kept here as one of that account.
    Moved(AccountSid),
    /// It is kept here, but the account does not have it at the carrier.
    Gone,
}

/// A number, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFinding {
    /// The number.
    pub phone_number: PhoneNumber,
    /// How it stands.
    pub standing: NumberStanding,
    /// Where its calls go.
    pub voice: UrlOwner,
    /// Where its SMS and MMS go.
    pub messages: UrlOwner,
    /// Where the messages of its WhatsApp sender go, where it has one.
    pub whatsapp: Option<UrlOwner>,
    /// Where the messages of its RCS sender go, where it has one.
    pub rcs: Option<UrlOwner>,
    /// Who could answer it.
    pub proposal: Proposal,
}

/// Who could answer a number, as its old URLs tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// It has no old URL.
    Nobody,
    /// Here it has an agent already.
    Answered,
    /// The agent that its old URLs name, on the channels that have them and that the number can carry.
    Agent(Choice, Channels),
    /// Its old URLs name an agent that is not known here: by this id.
    Unknown(String),
    /// Its old URLs name several agents: by these ids.
    Several(Vec<String>),
    /// Its old URLs are those of channels that it cannot carry.
    Unfit,
}
