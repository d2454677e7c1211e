//! Parses settings, and collects every mistake.

use std::ffi::OsString;
use std::fmt::Display;
use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::time::Duration;

use switchboard_application_management::AuthToken;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::authentication::Validation;
use switchboard_domain::client_sources::{ClientSources, TrustedProxies};
use switchboard_domain::retention::RetentionPolicy;
use switchboard_domain::sealing::{Keyring, KeyringError};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::source_networks::SourceNetworks;
use switchboard_domain::target_networks::TargetNetworks;
use switchboard_domain::web_address::{StreamUrl, WebUrl};
use url::{Host, Url};

use super::connect::connect_app;
use super::names::{
    ACCOUNT_SID, ADMIN_ALLOWED_SOURCES, ADMIN_LISTEN, ADMIN_URL, ALLOWED_SOURCES, API_URL,
    AUTH_TOKEN, CHECK_INTERVAL, DATABASE_URL, ENCRYPTION_KEYS, LISTEN, LOG, LONGEST_CALL,
    MESSAGE_FALLBACK_URL, POLL_INTERVAL, PUBLIC_URL, REQUESTS_AT_ONCE, RETENTION,
    SIGNATURE_VALIDATION, TARGET_NETWORKS, TRUSTED_PROXIES, VOICE_FALLBACK_URL, VOICE_SERVER_URL,
};
use super::source::Sources;
use super::{Carrier, DEFAULT_DATABASE, Database, MainAccount, Mistakes, PublicUrls, Settings};
use crate::log_format::LogFormat;
use crate::wiring::DatabaseLocation;

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
/// What serves people and monitoring is for this machine only, unless the operator says otherwise.
const DEFAULT_ADMIN_LISTEN: &str = "127.0.0.1:8088";
const DEFAULT_ADMIN_URL: &str = "http://localhost:8088";
const DEFAULT_PUBLIC_URL: &str = "http://localhost:8080";

impl Settings {
    /// Reads the settings from these variables and from the settings file of a folder.
    pub(super) fn read(
        environment: impl Iterator<Item = (OsString, OsString)>,
        folder: &Path,
    ) -> Result<Self, Mistakes> {
        let mut sources = Sources::new(environment, folder);
        let database = database(&mut sources);
        let listen = listen(&mut sources, LISTEN, DEFAULT_LISTEN);
        let admin_listen = admin_listen(&mut sources);
        let admin_url = admin_url(&mut sources);
        let public_urls = public_urls(&mut sources);
        let encryption_keys = encryption_keys(&mut sources);
        let main_account = main_account(&mut sources);
        let connect_app = connect_app(&mut sources, main_account.as_ref());
        let validation = word(
            &mut sources,
            SIGNATURE_VALIDATION,
            Validation::parse,
            "enforced, report or disabled",
        );
        let voice_server = voice_server(&mut sources);
        let carrier = carrier(&mut sources);
        let longest_call = seconds(&mut sources, LONGEST_CALL, "14400");
        let poll_interval = milliseconds(&mut sources, POLL_INTERVAL, "500");
        let retention = retention(&mut sources);
        let target_networks = target_networks(&mut sources);
        let client_sources = client_sources(&mut sources);
        let log = word(&mut sources, LOG, log_format, "text or json");
        let api_url = carrier.api_url.as_ref().filter(|url| !is_loopback(url));
        let mut warnings = warnings(&sources, api_url);
        if database.as_ref().is_some_and(|database| database.location.is_exposed()) {
            warnings.push(format!("{DATABASE_URL}: others in the network can pose as the database server; use sslmode=verify-full"));
        }
        match (database, listen, public_urls.zip(admin_url)) {
            (Some(database), Some(listen), Some((public_urls, admin_url)))
                if sources.mistakes.is_empty() =>
            {
                Ok(Self {
                    database,
                    listen,
                    admin_listen,
                    admin_url,
                    public_urls,
                    encryption_keys,
                    main_account,
                    connect_app,
                    validation: validation.unwrap_or(Validation::Enforced),
                    voice_server,
                    log: log.unwrap_or(LogFormat::Text),
                    retention: retention.unwrap_or_default(),
                    target_networks,
                    sources: client_sources,
                    carrier,
                    longest_call: longest_call.unwrap_or(DEFAULT_LONGEST_CALL),
                    poll_interval: poll_interval.unwrap_or(DEFAULT_POLL_INTERVAL),
                    warnings,
                })
            }
            _ => Err(sources.mistakes),
        }
    }
}

/// The value, or `None` after adding the mistake. Errors become text on purpose: a mistake is one line of a report for
/// people, and no code handles its cause.
fn valid<T, E: Display>(sources: &mut Sources<'_>, name: &str, parsed: Result<T, E>) -> Option<T> {
    parsed.map_err(|error| sources.mistakes.push(name, error.to_string())).ok()
}

fn database(sources: &mut Sources<'_>) -> Option<Database> {
    let given = sources.secret(DATABASE_URL);
    let text = given.as_ref().map_or(DEFAULT_DATABASE, |url| url.expose());
    let is_default = text == DEFAULT_DATABASE;
    let location = valid(sources, DATABASE_URL, DatabaseLocation::parse(text))?;
    Some(Database { location, is_default })
}

fn listen(sources: &mut Sources<'_>, name: &str, default: &str) -> Option<SocketAddr> {
    let text = sources.text(name).unwrap_or_else(|| default.to_owned());
    let parsed = text.parse().map_err(|_not_an_address: std::net::AddrParseError| {
        format!("is {text:?}, which is not an IP address with a port; use for example {default} or 0.0.0.0:8080")
    });
    valid(sources, name, parsed)
}

/// The address of the admin server, or `None` if it is turned off. A wrong one is among the mistakes.
fn admin_listen(sources: &mut Sources<'_>) -> Option<SocketAddr> {
    if sources.text(ADMIN_LISTEN).is_some_and(|text| text.eq_ignore_ascii_case("off")) {
        return None;
    }
    listen(sources, ADMIN_LISTEN, DEFAULT_ADMIN_LISTEN)
}

/// The URL under which the admin server is reached. Only its scheme, host and port matter.
fn admin_url(sources: &mut Sources<'_>) -> Option<Url> {
    let text = sources.text(ADMIN_URL).unwrap_or_else(|| DEFAULT_ADMIN_URL.to_owned());
    let parsed = Url::parse(&text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/"
    });
    let parsed = parsed.ok_or_else(|| {
        format!("is {text:?}; use a URL without a path, for example {DEFAULT_ADMIN_URL} or https://switchboard.example.com")
    });
    valid(sources, ADMIN_URL, parsed)
}

fn public_urls(sources: &mut Sources<'_>) -> Option<PublicUrls> {
    let given = sources.text(PUBLIC_URL);
    let is_given = given.is_some();
    let text = given.unwrap_or_else(|| DEFAULT_PUBLIC_URL.to_owned());
    let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
    let parsed: Vec<_> = texts.map(public_url).collect();
    let several = parsed.len() > 1;
    let mut urls = Vec::new();
    for (index, parsed) in parsed.into_iter().enumerate() {
        let parsed = parsed
            .map_err(|error| if several { format!("{} {error}", position(index)) } else { error });
        urls.extend(valid(sources, PUBLIC_URL, parsed));
    }
    if !several && urls.is_empty() && sources.mistakes.is_empty() {
        sources.mistakes.push(PUBLIC_URL, "contains no URL; set it to the URL that Twilio calls");
    }
    let mut urls = urls.into_iter();
    Some(PublicUrls { first: urls.next()?, others: urls.collect(), is_given, is_stored: false })
}

fn position(index: usize) -> String {
    format!("(URL {} of the list)", index + 1)
}

fn public_url(text: &str) -> Result<PublicUrl, String> {
    let url = PublicUrl::parse(text).map_err(|error| error.to_string())?;
    let scheme = url.scheme().to_ascii_lowercase();
    if scheme == "https" || scheme == "http" {
        Ok(url)
    } else {
        Err("must start with https://, or with http:// for local tests".to_owned())
    }
}

fn encryption_keys(sources: &mut Sources<'_>) -> Option<Keyring> {
    let text = sources.secret(ENCRYPTION_KEYS)?;
    let parsed = Keyring::parse(text.expose()).map_err(|error| {
        let cause = match &error {
            KeyringError::Key { source, .. } => format!(": it {source}"),
            KeyringError::Empty | KeyringError::SameId { .. } | KeyringError::SameKey { .. } => String::new(),
        };
        format!("cannot be used: {error}{cause}; use id:base64 of 32 random bytes (`openssl rand -base64 32`)")
    });
    valid(sources, ENCRYPTION_KEYS, parsed)
}

fn main_account(sources: &mut Sources<'_>) -> Option<MainAccount> {
    let sid = sources.text(ACCOUNT_SID);
    let before = sources.mistakes.iter().count();
    let token = sources.secret(AUTH_TOKEN);
    let unreadable = sources.mistakes.iter().count() > before;
    match (&sid, &token) {
        (Some(_), None) if !unreadable => {
            sources
                .mistakes
                .push(ACCOUNT_SID, format!("is set without {AUTH_TOKEN}; set both or neither"));
        }
        (None, Some(_)) => {
            sources
                .mistakes
                .push(AUTH_TOKEN, format!("is set without {ACCOUNT_SID}; set both or neither"));
        }
        _ => {}
    }
    let parsed = sid.map(|sid| {
        AccountSid::parse(&sid).map_err(|error| format!("is not an account SID: {error}"))
    });
    let sid = parsed.and_then(|parsed| valid(sources, ACCOUNT_SID, parsed));
    let token =
        token.and_then(|token| valid(sources, AUTH_TOKEN, AuthToken::parse(token.expose())));
    Some(MainAccount { sid: sid?, token: token? })
}

fn voice_server(sources: &mut Sources<'_>) -> Option<VoiceTarget> {
    let text = sources.text(VOICE_SERVER_URL)?;
    valid(sources, VOICE_SERVER_URL, StreamUrl::parse(&text)).map(VoiceTarget::Stream)
}

/// The longest call by default: Twilio's own limit of a `<Dial>`.
const DEFAULT_LONGEST_CALL: Duration = Duration::from_secs(4 * 3_600);
/// Twice a second: attempts that are repeated become due, and a process may be unable to tell others of a delivery.
const DEFAULT_POLL_INTERVAL: Duration = Duration::from_millis(500);

/// A setting in seconds.
fn seconds(sources: &mut Sources<'_>, name: &str, example: &str) -> Option<Duration> {
    let text = sources.text(name)?;
    let parsed = text.parse().map_err(|_not_a_number: std::num::ParseIntError| {
        format!("is {text:?}; use a number of seconds, for example {example}")
    });
    valid(sources, name, parsed).map(Duration::from_secs)
}

fn milliseconds(sources: &mut Sources<'_>, name: &str, example: &str) -> Option<Duration> {
    let text = sources.text(name)?;
    let parsed = text.parse::<NonZeroU64>().map_err(|_no_number_above_zero| {
        format!("is {text:?}; use a number of milliseconds, for example {example}")
    });
    valid(sources, name, parsed).map(|milliseconds| Duration::from_millis(milliseconds.get()))
}

/// How long records are kept, if the settings say so. A wrong text is among the mistakes.
fn retention(sources: &mut Sources<'_>) -> Option<RetentionPolicy> {
    let text = sources.text(RETENTION)?;
    valid(sources, RETENTION, RetentionPolicy::parse(&text))
}

/// Where the servers of agents may be, besides public addresses. Every wrong network is among the mistakes.
fn target_networks(sources: &mut Sources<'_>) -> TargetNetworks {
    let text = sources.text(TARGET_NETWORKS).unwrap_or_default();
    TargetNetworks::parse(&text).unwrap_or_else(|mistakes| {
        for mistake in mistakes {
            sources.mistakes.push(TARGET_NETWORKS, mistake.to_string());
        }
        TargetNetworks::default()
    })
}

/// From where requests are accepted. Every wrong network is among the mistakes.
fn client_sources(sources: &mut Sources<'_>) -> super::Sources {
    let webhooks = networks(sources, ALLOWED_SOURCES);
    let admin = networks(sources, ADMIN_ALLOWED_SOURCES);
    let proxies = networks(sources, TRUSTED_PROXIES);
    let behind =
        |allowed| ClientSources { allowed, proxies: TrustedProxies::from(proxies.clone()) };
    super::Sources { webhooks: behind(webhooks), admin: behind(admin) }
}

/// A list of networks, empty if it is not given. A list that is given names one: everybody would be accepted without.
fn networks(sources: &mut Sources<'_>, name: &str) -> SourceNetworks {
    let Some(text) = sources.text(name) else { return SourceNetworks::default() };
    match SourceNetworks::parse_all(&text) {
        Ok(networks) if networks.is_unlimited() => {
            let what = "lists no network; use for example 10.0.0.0/8,fd00::/8, or unset it";
            sources.mistakes.push(name, what);
            networks
        }
        Ok(networks) => networks,
        Err(mistakes) => {
            for mistake in mistakes {
                sources.mistakes.push(name, mistake.to_string());
            }
            SourceNetworks::default()
        }
    }
}

/// How often webhook configurations are checked by default.
const DEFAULT_CHECK_INTERVAL: Duration = Duration::from_secs(3_600);
/// Concurrent requests of one account by default.
const DEFAULT_REQUESTS_AT_ONCE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);

fn carrier(sources: &mut Sources<'_>) -> Carrier {
    let fallback = |sources: &mut Sources<'_>, name| {
        sources.text(name).and_then(|text| valid(sources, name, WebUrl::parse(&text)))
    };
    let api_url = sources.text(API_URL).and_then(|text| {
        let parsed = WebUrl::parse(&text).map_err(|error| error.to_string());
        let parsed =
            parsed.and_then(|url| Url::parse(url.as_str()).map_err(|error| error.to_string()));
        let parsed = parsed.and_then(|url| {
            if url.scheme() == "https" || is_loopback(&url) {
                Ok(url)
            } else {
                Err("must start with https://, as auth tokens are sent there; http:// is for this machine only".to_owned())
            }
        });
        valid(sources, API_URL, parsed)
    });
    let at_once = sources.text(REQUESTS_AT_ONCE).and_then(|text| {
        let parsed = text.parse().map_err(|_not_a_number: std::num::ParseIntError| {
            format!(
                "is {text:?}; use the number of concurrent requests of one account, for example 10"
            )
        });
        valid(sources, REQUESTS_AT_ONCE, parsed)
    });
    let interval = seconds(sources, CHECK_INTERVAL, "3600, or 0 to turn the checks off");
    Carrier {
        api_url,
        requests_at_once: at_once.unwrap_or(DEFAULT_REQUESTS_AT_ONCE),
        voice_fallback: fallback(sources, VOICE_FALLBACK_URL),
        message_fallback: fallback(sources, MESSAGE_FALLBACK_URL),
        check_interval: Some(interval.unwrap_or(DEFAULT_CHECK_INTERVAL))
            .filter(|every| !every.is_zero()),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}

/// A setting that is one of a few words.
fn word<T>(
    sources: &mut Sources<'_>,
    name: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    words: &str,
) -> Option<T> {
    let text = sources.text(name)?;
    valid(sources, name, parse(&text).ok_or_else(|| format!("is {text:?}; use {words}")))
}

fn warnings(sources: &Sources<'_>, api_url: Option<&Url>) -> Vec<String> {
    let mut warnings = Vec::new();
    if !sources.without_effect.is_empty() {
        let names = sources.without_effect.join(", ");
        warnings.push(format!("{names}: has no effect in this version"));
    }
    if let Some(host) = api_url.and_then(Url::host_str) {
        warnings.push(format!(
            "{API_URL}: the auth tokens of all accounts are sent to {host} instead of Twilio"
        ));
    }
    warnings.extend(
        sources
            .mistyped
            .iter()
            .map(|(name, meant)| format!("{name} is not a setting; did you mean {meant}?")),
    );
    warnings
}
