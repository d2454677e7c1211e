//! The settings, from the environment or `switchboard.toml`; a secret also as `NAME_FILE`.
//!
//! | name | default |
//! |---|---|
//! | `DATABASE_URL` (secret) | `sqlite://data/switchboard.db` |
//! | `SWITCHBOARD_LISTEN` | `127.0.0.1:8080` |
//! | `SWITCHBOARD_ADMIN_LISTEN` | `127.0.0.1:8088`, or `off` |
//! | `SWITCHBOARD_ADMIN_URL` | `http://localhost:8088` |
//! | `SWITCHBOARD_PUBLIC_URL` | `http://localhost:8080` |
//! | `SWITCHBOARD_ENCRYPTION_KEYS` (secret) | created at the first start |
//! | `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` (secret) | none |
//! | `TWILIO_CONNECT_APP_SID`, `TWILIO_CONNECT_ACCOUNT_SID` | none, the main account |
//! | `TWILIO_SIGNATURE_VALIDATION` | `enforced` |
//! | `VOICE_SERVER_URL` | none |
//! | `SWITCHBOARD_LOG` | `text` |
//! | `TWILIO_API_URL` | Twilio's own hosts |
//! | `TWILIO_REQUESTS_AT_ONCE` | `10` |
//! | `SWITCHBOARD_VOICE_FALLBACK_URL`, `SWITCHBOARD_MESSAGE_FALLBACK_URL` | none |
//! | `SWITCHBOARD_CHECK_INTERVAL` | `3600` |
//! | `SWITCHBOARD_LONGEST_CALL` | `14400` |
//! | `SWITCHBOARD_POLL_INTERVAL` | `500` |
//! | `SWITCHBOARD_RETENTION` | `calls=400d,messages=400d,rejections=30d,deliveries=30d,events=30d,jobs=30d,audit=forever` |
//! | `SWITCHBOARD_TARGET_NETWORKS` | none |
//! | `SWITCHBOARD_ALLOWED_SOURCES`, `SWITCHBOARD_ADMIN_ALLOWED_SOURCES`, `SWITCHBOARD_TRUSTED_PROXIES` | none |
//!
//! All mistakes are reported at once. `RUST_LOG` filters the log.

mod connect;
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
use switchboard_domain::client_sources::ClientSources;
use switchboard_domain::connection::ConnectApp;
use switchboard_domain::retention::RetentionPolicy;
use switchboard_domain::sealing::Keyring;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::target_networks::TargetNetworks;
use switchboard_domain::web_address::WebUrl;
use url::Url;

pub(crate) use mistakes::Mistakes;
pub(crate) use names::{
    ADMIN_ALLOWED_SOURCES, ADMIN_LISTEN, ALLOWED_SOURCES, CLIENT_KEY_FILE, CLIENT_URL, LISTEN,
    MESSAGE_FALLBACK_URL, PUBLIC_URL, TARGET_NETWORKS, TRUSTED_PROXIES, VOICE_FALLBACK_URL,
};

use crate::log_format::LogFormat;
use crate::wiring::DatabaseLocation;

/// The default database.
const DEFAULT_DATABASE: &str = "sqlite://data/switchboard.db";

/// Everything that can be set, parsed.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where data is stored.
    pub(crate) database: Database,
    /// Where the public server listens.
    pub(crate) listen: SocketAddr,
    /// Where the admin server listens; nowhere if `None`.
    pub(crate) admin_listen: Option<SocketAddr>,
    /// The URL under which people and programs reach the admin server.
    pub(crate) admin_url: Url,
    /// The URLs that Twilio calls.
    pub(crate) public_urls: PublicUrls,
    /// The encryption keys, if they are given; otherwise they are in a file.
    pub(crate) encryption_keys: Option<Keyring>,
    /// The main account, if one is given; the server adds it.
    pub(crate) main_account: Option<MainAccount>,
    /// The Connect app by which customers connect accounts, if there is one.
    pub(crate) connect_app: Option<ConnectApp>,
    /// How strictly signatures are checked.
    pub(crate) validation: Validation,
    /// The voice target of agents without their own.
    pub(crate) voice_server: Option<VoiceTarget>,
    /// How logs are written.
    pub(crate) log: LogFormat,
    /// How long a call lasts at most, if its end is never reported.
    pub(crate) longest_call: Duration,
    /// How often due deliveries are read when nothing wakes the worker.
    pub(crate) poll_interval: Duration,
    /// How long records are kept.
    pub(crate) retention: RetentionPolicy,
    /// Where the servers of agents may be, besides public addresses.
    pub(crate) target_networks: TargetNetworks,
    /// From where requests are accepted.
    pub(crate) sources: Sources,
    /// The carrier's REST API, and the webhook configuration of numbers.
    pub(crate) carrier: Carrier,
    /// Settings that have no effect or look mistyped.
    pub(crate) warnings: Vec<String>,
}

/// From where requests are accepted. The proxies of both listeners are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// Webhooks, on the public listener.
    pub(crate) webhooks: ClientSources,
    /// The API and metrics, on the admin listener.
    pub(crate) admin: ClientSources,
}

/// A database, and whether it is the default one.
#[derive(Debug)]
pub(crate) struct Database {
    /// Where it is.
    pub(crate) location: DatabaseLocation,
    /// Whether the server may create it. A database that an operator names is created by `migrate` only, so that a
    /// mistyped name does not become a new, empty database.
    pub(crate) is_default: bool,
}

/// The URLs that Twilio calls, at least one.
#[derive(Debug)]
pub(crate) struct PublicUrls {
    /// The one that our own links begin with.
    pub(crate) first: PublicUrl,
    /// Others that signatures are checked against.
    pub(crate) others: Vec<PublicUrl>,
    /// Whether the settings name them.
    pub(crate) is_given: bool,
    /// Whether the first one was read from the database, where a server stored it.
    pub(crate) is_stored: bool,
}

impl PublicUrls {
    /// Whether they are more than the default.
    pub(crate) const fn is_known(&self) -> bool {
        self.is_given || self.is_stored
    }

    /// Uses the URL that a server stored, if the settings name none.
    pub(crate) fn or_stored(&mut self, stored: Option<PublicUrl>) {
        if let Some(stored) = stored.filter(|_| !self.is_given) {
            self.first = stored;
            self.is_stored = true;
        }
    }

    /// All of them, the first one first.
    pub(crate) fn all(&self) -> Vec<PublicUrl> {
        std::iter::once(&self.first).chain(&self.others).cloned().collect()
    }

    /// What signatures are checked against: all of them, then those with uppercase letters in lower case. HTTP clients
    /// send hosts in lower case, and Twilio does not document which form it signs.
    pub(crate) fn signed(&self) -> Vec<PublicUrl> {
        let as_written = self.all();
        let in_lower_case = as_written.iter().filter_map(PublicUrl::in_lower_case);
        let new = in_lower_case.filter(|url| !as_written.contains(url));
        as_written.iter().cloned().chain(new).collect()
    }
}

/// How the carrier's REST API is called, and the webhook configuration of numbers.
#[derive(Debug)]
pub(crate) struct Carrier {
    /// One base for all of Twilio's hosts; Twilio's own if there is none.
    pub(crate) api_url: Option<Url>,
    /// Concurrent requests of one account at most.
    pub(crate) requests_at_once: NonZeroUsize,
    /// The fallback URL of calls that this server does not answer.
    pub(crate) voice_fallback: Option<WebUrl>,
    /// The fallback URL of messages that this server does not answer.
    pub(crate) message_fallback: Option<WebUrl>,
    /// How often the server checks the webhook configuration of all numbers; never if `None`.
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
