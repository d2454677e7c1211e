//! The initial state of a simulator, in Rust or as JSON. Types with phone numbers have no `Debug`.

use serde::{Deserialize, Deserializer};
use switchboard_domain::secret::Secret;

use super::account::{AccountKind, AccountStatus, KeyKind};
use super::application::ApplicationSettings;
use super::number::{Capabilities, NumberSettings};
use super::scripted_phone::ScriptedPhone;
use super::sender::SenderWebhook;
use super::service::ServiceSettings;
use super::short_code::ShortCodeSettings;
use super::sid::Sid;

/// The accounts to create.
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
    /// The accounts; a main account must precede its subaccounts.
    pub accounts: Vec<AccountSeed>,
    /// The phones of contacts that react to messages.
    pub phones: Vec<ScriptedPhone>,
}

/// An account to create. Omitted values are generated.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountSeed {
    /// The account's SID: `AC…`.
    pub sid: Option<String>,
    /// The display name.
    pub name: String,
    /// The primary auth token.
    #[serde(deserialize_with = "secret")]
    pub auth_token: Option<Secret>,
    /// The secondary auth token. None is set if omitted.
    #[serde(deserialize_with = "secret")]
    pub secondary_auth_token: Option<Secret>,
    /// The SID of the main account, if this is a subaccount.
    pub parent: Option<String>,
    /// The account's status.
    pub status: AccountStatus,
    /// The account's type.
    #[serde(rename = "type")]
    pub kind: AccountKind,
    /// The account's API keys.
    pub keys: Vec<KeySeed>,
    /// The Connect apps that the account owns.
    pub connect_apps: Vec<ConnectAppSeed>,
    /// The SID of the Connect app that the account has authorized; the app must precede it.
    pub authorized_app: Option<Sid>,
    /// The account's phone numbers.
    pub numbers: Vec<NumberSeed>,
    /// The account's short codes.
    pub short_codes: Vec<ShortCodeSeed>,
    /// The account's TwiML applications.
    pub applications: Vec<ApplicationSeed>,
    /// The account's WhatsApp and RCS senders.
    pub senders: Vec<SenderSeed>,
    /// The account's Messaging Services, whose pools refer to its numbers and senders.
    pub services: Vec<ServiceSeed>,
}

/// An API key to create.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeySeed {
    /// The key's SID: `SK…`.
    pub sid: Option<Sid>,
    /// The key's secret.
    #[serde(deserialize_with = "secret")]
    pub secret: Option<Secret>,
    /// What the key may access.
    #[serde(rename = "type")]
    pub kind: KeyKind,
}

/// A Connect app to create. Only the URL after an authorization is required.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectAppSeed {
    /// The app's SID: `CN…`.
    pub sid: Option<Sid>,
    /// Where browsers go after a customer has authorized or denied the app.
    pub authorize_redirect_url: String,
    /// Called when a customer deauthorizes the app.
    pub deauthorize_callback_url: String,
}

/// A phone number to create. Only the number itself is required.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberSeed {
    /// The number, in E.164.
    pub phone_number: String,
    /// The number's SID: `PN…`.
    pub sid: Option<Sid>,
    /// The display name. Defaults to the number.
    pub friendly_name: Option<String>,
    /// What the number supports.
    pub capabilities: Capabilities,
    /// The number's URLs and other settings.
    pub settings: NumberSettings,
    /// The region that processes its calls. Defaults to `us1`.
    pub voice_region: Option<String>,
}

impl NumberSeed {
    /// A number without any settings.
    pub fn new(phone_number: impl Into<String>) -> Self {
        Self { phone_number: phone_number.into(), ..Self::default() }
    }
}

/// A short code to create. Only the digits are required.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShortCodeSeed {
    /// The digits.
    pub short_code: String,
    /// The SID: `SC…`.
    pub sid: Option<Sid>,
    /// The URLs.
    pub settings: ShortCodeSettings,
}

/// A TwiML application to create.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplicationSeed {
    /// The application's SID: `AP…`.
    pub sid: Option<Sid>,
    /// The display name.
    pub friendly_name: String,
    /// The application's URLs and methods.
    pub settings: ApplicationSettings,
}

/// A WhatsApp or RCS sender to create. Only its address is required.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SenderSeed {
    /// The sender's SID: `XE…`.
    pub sid: Option<Sid>,
    /// `whatsapp:+E164` or `rcs:name`.
    pub sender_id: String,
    /// Defaults to `ONLINE`.
    pub status: Option<String>,
    /// The sender's webhook.
    pub webhook: SenderWebhook,
}

/// A Messaging Service to create.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceSeed {
    /// The service's SID: `MG…`.
    pub sid: Option<Sid>,
    /// The display name.
    pub friendly_name: String,
    /// The service's URLs and other settings.
    pub settings: ServiceSettings,
    /// The account's numbers in its pool, in E.164.
    pub phone_numbers: Vec<String>,
    /// The account's senders in its pool, by address.
    pub channel_senders: Vec<String>,
    /// The short codes in its pool.
    pub short_codes: Vec<String>,
    /// The alphanumeric sender IDs in its pool.
    pub alpha_senders: Vec<String>,
}

/// Why a seed is invalid. A retry with the same seed fails again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// The SID of an account is invalid.
    #[error("account {name} has an invalid SID")]
    AccountSid {
        /// The account's name.
        name: String,
        /// What is invalid.
        source: switchboard_domain::sid::SidError,
    },
    /// Two accounts have the same SID.
    #[error("duplicate account {sid}")]
    DuplicateAccount {
        /// The duplicate SID.
        sid: String,
    },
    /// The parent of a subaccount does not precede it, or is itself a subaccount.
    #[error("the parent of account {name} is not a main account that precedes it")]
    Parent {
        /// The account's name.
        name: String,
    },
    /// A phone number is invalid.
    #[error("account {name} has an invalid phone number")]
    PhoneNumber {
        /// The account's name.
        name: String,
        /// What is invalid.
        source: switchboard_domain::phone_number::PhoneNumberError,
    },
    /// A phone number is seeded twice.
    #[error("account {name} has a phone number that is already in use")]
    DuplicateNumber {
        /// The account's name.
        name: String,
    },
    /// A Messaging Service refers to a number or sender that its account does not own.
    #[error("the pool of service {service} has a sender that account {name} does not own")]
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
