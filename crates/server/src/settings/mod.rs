//! The settings, from the environment or `switchboard.toml`; a secret also as `NAME_FILE`.
//!
//! | name | default |
//! |---|---|
//! | `DATABASE_URL` (secret) | `sqlite://data/switchboard.db` |
//! | `SWITCHBOARD_LISTEN` | `127.0.0.1:8080` |
//! | `SWITCHBOARD_PUBLIC_URL` | `http://localhost:8080` |
//! | `SWITCHBOARD_ENCRYPTION_KEYS` (secret) | made at first start |
//! | `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` (secret) | none |
//! | `TWILIO_SIGNATURE_VALIDATION` | `enforced` |
//! | `VOICE_SERVER_URL` | none |
//! | `SWITCHBOARD_LOG` | `text` |
//! | `TWILIO_API_URL` | Twilio's own hosts |
//! | `TWILIO_REQUESTS_AT_ONCE` | `10` |
//! | `SWITCHBOARD_VOICE_FALLBACK_URL`, `SWITCHBOARD_MESSAGE_FALLBACK_URL` | none |
//! | `SWITCHBOARD_CHECK_INTERVAL` | `3600` |
//! | `SWITCHBOARD_LONGEST_CALL` | `14400` |
//!
//! All mistakes are told at once. `RUST_LOG` says what is logged.

mod mistakes;
mod names;
mod reading;
mod source;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use switchboard_application_management::AuthToken;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::authentication::Validation;
use switchboard_domain::sealing::Keyring;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::web_address::WebUrl;
use url::Url;

pub(crate) use mistakes::Mistakes;

use crate::serve::LogFormat;
use crate::wiring::{DatabaseUrl, DatabaseUrlError};

/// The database that is used when nothing else is said.
pub(crate) const DEFAULT_DATABASE: &str = "sqlite://data/switchboard.db";

/// Everything that can be set, parsed.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where everything is kept.
    pub(crate) database: Database,
    /// Where the server listens.
    pub(crate) listen: SocketAddr,
    /// What Twilio calls: one URL or more.
    pub(crate) public_urls: PublicUrls,
    /// The keys that seal and open, where they are given; otherwise they are kept in a file.
    pub(crate) encryption_keys: Option<Keyring>,
    /// The account that is to be there, where one is given.
    pub(crate) main_account: Option<MainAccount>,
    /// How strictly signatures are checked.
    pub(crate) validation: Validation,
    /// For agents without a voice target of their own.
    pub(crate) voice_server: Option<VoiceTarget>,
    /// How logs are written.
    pub(crate) log: LogFormat,
    /// After how long a call is over whose end was never told.
    pub(crate) longest_call: Duration,
    /// The carrier's REST API, and what it is told.
    pub(crate) carrier: Carrier,
    /// What is odd about the settings without being wrong.
    pub(crate) warnings: Vec<String>,
}

/// A database, and whether somebody chose it.
#[derive(Debug)]
pub(crate) struct Database {
    /// Where it is.
    pub(crate) url: DatabaseUrl,
    /// Whether it is the default, which any command may make. One that was chosen is made by `migrate`
    /// only, so that a slip in its name does not become a new empty database.
    pub(crate) is_default: bool,
}

impl Database {
    /// A database that is made whenever it is missing, though it is not the default one.
    pub(crate) fn made_when_missing(url: &str) -> Result<Self, DatabaseUrlError> {
        Ok(Self { url: DatabaseUrl::parse(url)?, is_default: true })
    }
}

/// The URLs that Twilio calls; there is at least one.
#[derive(Debug)]
pub(crate) struct PublicUrls {
    /// The one that is shown, and that our own links begin with.
    pub(crate) first: PublicUrl,
    /// Others that signatures are checked against.
    pub(crate) others: Vec<PublicUrl>,
}

impl PublicUrls {
    /// All of them, the first one first.
    pub(crate) fn all(&self) -> Vec<PublicUrl> {
        std::iter::once(&self.first).chain(&self.others).cloned().collect()
    }

    /// What signatures are checked against: all of them, then those that have letters in upper case as HTTP clients
    /// write them, since nobody says which of the two Twilio signs.
    pub(crate) fn signed(&self) -> Vec<PublicUrl> {
        let as_written = self.all();
        let in_lower_case = as_written.iter().filter_map(PublicUrl::in_lower_case);
        let new = in_lower_case.filter(|url| !as_written.contains(url));
        as_written.iter().cloned().chain(new).collect()
    }
}

/// How the carrier is asked, and what numbers are to be like there.
#[derive(Debug)]
pub(crate) struct Carrier {
    /// One base for all of Twilio's hosts; Twilio's own if there is none.
    pub(crate) api_url: Option<Url>,
    /// How many requests of one account are under way at once.
    pub(crate) requests_at_once: NonZeroUsize,
    /// Who takes calls that we do not answer.
    pub(crate) voice_fallback: Option<WebUrl>,
    /// Who takes messages that we do not answer.
    pub(crate) message_fallback: Option<WebUrl>,
    /// How often the fleet is checked; never if there is none.
    pub(crate) check_interval: Option<Duration>,
}

/// The account that the settings name.
#[derive(Debug)]
pub(crate) struct MainAccount {
    /// Its SID.
    pub(crate) sid: AccountSid,
    /// Its auth token.
    pub(crate) token: AuthToken,
}

impl Settings {
    /// Reads the environment of the process and the settings file of the working directory.
    pub(crate) fn from_environment() -> Result<Self, Mistakes> {
        Self::read(std::env::vars_os(), std::path::Path::new(""))
    }
}

#[cfg(test)]
mod tests;
