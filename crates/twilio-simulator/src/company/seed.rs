//! What a phone company starts with, in Rust or as a JSON file. What holds phone numbers has no `Debug`.

use serde::{Deserialize, Deserializer};
use switchboard_domain::secret::Secret;

use super::account::{AccountKind, AccountStatus, KeyKind};
use super::application::ApplicationSettings;
use super::number::{Capabilities, NumberSettings};
use super::sender::SenderWebhook;
use super::service::ServiceSettings;
use super::sid::Sid;

/// What to start with.
///
/// ```json
/// {"accounts": [{
///     "name": "Main",
///     "sid": "AC00000000000000000000000000000001",
///     "auth_token": "0123456789abcdef0123456789abcdef",
///     "numbers": [{"phone_number": "+14155550100", "settings": {"voice_url": "https://example.com/voice"}}]
/// }]}
/// ```
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// Accounts, a main account before its subaccounts.
    pub accounts: Vec<AccountSeed>,
}

/// An account to start with. What is left out is made up.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountSeed {
    /// `AC…`.
    pub sid: Option<String>,
    /// What people call it.
    pub name: String,
    /// The primary auth token.
    #[serde(deserialize_with = "secret")]
    pub auth_token: Option<Secret>,
    /// The secondary auth token. There is none if it is left out.
    #[serde(deserialize_with = "secret")]
    pub secondary_auth_token: Option<Secret>,
    /// The SID of the main account, if this is a subaccount.
    pub parent: Option<String>,
    /// Whether it can be used.
    pub status: AccountStatus,
    /// Whether it is paid for.
    #[serde(rename = "type")]
    pub kind: AccountKind,
    /// API keys.
    pub keys: Vec<KeySeed>,
    /// Phone numbers.
    pub numbers: Vec<NumberSeed>,
    /// TwiML applications.
    pub applications: Vec<ApplicationSeed>,
    /// WhatsApp and RCS senders.
    pub senders: Vec<SenderSeed>,
    /// Messaging Services, over the numbers and senders of this account.
    pub services: Vec<ServiceSeed>,
}

/// An API key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeySeed {
    /// `SK…`.
    pub sid: Option<Sid>,
    /// The secret that goes with it.
    #[serde(deserialize_with = "secret")]
    pub secret: Option<Secret>,
    /// What it opens.
    #[serde(rename = "type")]
    pub kind: KeyKind,
}

/// A phone number. Only the number itself must be given.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberSeed {
    /// The number, in E.164.
    pub phone_number: String,
    /// `PN…`.
    pub sid: Option<Sid>,
    /// What people call it; the number, if it is left out.
    pub friendly_name: Option<String>,
    /// What it can do.
    pub capabilities: Capabilities,
    /// What happens when it is reached.
    pub settings: NumberSettings,
    /// Where calls to it are processed; `us1`, if it is left out.
    pub voice_region: Option<String>,
}

impl NumberSeed {
    /// A number with nothing configured.
    pub fn new(phone_number: impl Into<String>) -> Self {
        Self { phone_number: phone_number.into(), ..Self::default() }
    }
}

/// A TwiML application.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationSeed {
    /// `AP…`.
    pub sid: Option<Sid>,
    /// What people call it.
    pub friendly_name: String,
    /// What it answers with.
    pub settings: ApplicationSettings,
}

/// A WhatsApp or RCS sender. Only its address must be given.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SenderSeed {
    /// `XE…`.
    pub sid: Option<Sid>,
    /// `whatsapp:+E164` or `rcs:name`.
    pub sender_id: String,
    /// `ONLINE`, if it is left out.
    pub status: Option<String>,
    /// Where its messages go.
    pub webhook: SenderWebhook,
}

/// A Messaging Service.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceSeed {
    /// `MG…`.
    pub sid: Option<Sid>,
    /// What people call it.
    pub friendly_name: String,
    /// What happens to its messages.
    pub settings: ServiceSettings,
    /// Numbers of the account that are in its pool, in E.164.
    pub phone_numbers: Vec<String>,
    /// Senders of the account that are in its pool, by their addresses.
    pub channel_senders: Vec<String>,
    /// Short codes in its pool.
    pub short_codes: Vec<String>,
    /// Names in its pool.
    pub alpha_senders: Vec<String>,
}

/// Why a seed does not make a phone company. Doing the same again does not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// The SID of an account is none.
    #[error("account {name} has a SID that is none")]
    AccountSid {
        /// The account's name.
        name: String,
        /// What is wrong with it.
        source: switchboard_domain::sid::SidError,
    },
    /// Two accounts have one SID.
    #[error("account {sid} is there twice")]
    AccountTwice {
        /// The SID.
        sid: String,
    },
    /// The main account of a subaccount is not there, or is a subaccount itself.
    #[error("account {name} belongs to a main account that does not come before it")]
    Parent {
        /// The account's name.
        name: String,
    },
    /// A phone number is none.
    #[error("account {name} has a phone number that is none")]
    PhoneNumber {
        /// The account's name.
        name: String,
        /// What is wrong with it.
        source: switchboard_domain::phone_number::PhoneNumberError,
    },
    /// Two accounts, or one twice, have the same number.
    #[error("account {name} has a phone number that is already taken")]
    NumberTwice {
        /// The account's name.
        name: String,
    },
    /// A Messaging Service has a number or sender that its account does not have.
    #[error("service {service} has a sender in its pool that account {name} does not have")]
    Pool {
        /// The account's name.
        name: String,
        /// The service's name.
        service: String,
    },
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}
