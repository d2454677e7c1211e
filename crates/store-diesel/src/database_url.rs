//! The setting `DATABASE_URL`.

use std::fmt;
use std::path::{Path, PathBuf};

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslNegotiation};

/// The location of a database.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A Postgres server.
    Postgres(PostgresUrl),
}

/// The address of a Postgres server and the options of its connections. Neither `Debug` nor `Display` shows a password.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(crate) config: Box<Config>,
    pub(crate) tls: TlsMode,
    pub(crate) authorities: Option<PathBuf>,
}

/// How a connection is encrypted. Names and meanings are those of `libpq`
/// (Postgres, "SSL Support: protection provided in different modes").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// Not encrypted.
    Disable,
    /// Encrypted if the server supports it; its certificate is not checked.
    Prefer,
    /// Always encrypted; the certificate is checked only if authorities are given.
    Require,
    /// Always encrypted; an authority must have signed the server's certificate.
    VerifyCa,
    /// Always encrypted; the certificate must be for the host name.
    VerifyFull,
}

/// Why a text is not a database URL. It never contains the text, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseUrlError {
    /// The scheme is missing or unknown.
    #[error("does not start with sqlite:// or postgres://")]
    Scheme,
    /// An SQLite URL without a path.
    #[error(
        "contains no file; write sqlite://data/switchboard.db or sqlite:///var/lib/switchboard.db"
    )]
    NoFile,
    /// SQLite in memory. Each connection would have its own database.
    #[error("is a database in memory, which is lost when the program ends; use a file")]
    Memory,
    /// Options after a question mark.
    #[error("has options after a question mark, which SQLite URLs do not support")]
    SqliteOptions,
    /// An unknown mode of TLS.
    #[error("has an sslmode other than disable, prefer, require, verify-ca and verify-full")]
    TlsMode,
    /// A parameter that connections to Postgres do not have.
    #[error("has the parameter {name}, which is not supported here; remove it")]
    Parameter {
        /// Its name.
        name: String,
    },
    /// The user or the password contains characters that must be percent-encoded.
    #[error(
        "cannot be used: the password has characters that must be percent-encoded (%40 for @, %2F for /, %3F for ?, %23 for #)"
    )]
    Unencoded,
    /// Any other error of a Postgres URL.
    #[error("is not a Postgres URL such as postgres://user:password@host:5432/database")]
    Postgres(#[source] tokio_postgres::Error),
}

/// The parameters of a URL that tokio-postgres knows (tokio-postgres, `Config`).
const PARAMETERS: [&str; 19] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslmode",
    "sslnegotiation",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

impl DatabaseUrl {
    /// Parses `sqlite://path`, `sqlite:path`, `postgres://…` and `postgresql://…`. `sqlite://data/a.db` is
    /// relative to the working folder, `sqlite:///data/a.db` is absolute.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("sqlite:") {
            return sqlite_path(rest).map(Self::Sqlite);
        }
        PostgresUrl::parse(text).map(Self::Postgres)
    }
}

fn sqlite_path(rest: &str) -> Result<PathBuf, DatabaseUrlError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.contains(":memory:") || path.contains("mode=memory") {
        return Err(DatabaseUrlError::Memory);
    }
    if path.contains('?') {
        return Err(DatabaseUrlError::SqliteOptions);
    }
    if path.is_empty() || path.ends_with('/') {
        return Err(DatabaseUrlError::NoFile);
    }
    Ok(Path::new(path).to_owned())
}

impl PostgresUrl {
    /// Whether others in the network can read the connection or impersonate the server: the connection leaves this
    /// machine, and the certificate is not checked against the host name.
    pub fn is_exposed(&self) -> bool {
        self.tls != TlsMode::VerifyFull && self.config.get_hosts().iter().any(leaves)
    }

    /// Whether the password could leave this machine in clear text: TLS is not required, and the server is elsewhere.
    pub(crate) fn may_send_cleartext(&self) -> bool {
        let is_direct = self.config.get_ssl_negotiation() == SslNegotiation::Direct;
        let is_required = !matches!(self.tls, TlsMode::Disable | TlsMode::Prefer);
        // A Unix socket has no host name, which TLS requires.
        let all_tcp = self.config.get_hosts().iter().all(|host| matches!(host, Host::Tcp(_)));
        !is_required && !is_direct && all_tcp && self.config.get_hosts().iter().any(leaves)
    }

    /// Parses `postgres://…` or `postgresql://…`, with the options of Postgres after the question mark.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let text = text.trim();
        let place = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        must_be_encoded(place.ok_or(DatabaseUrlError::Scheme)?)?;
        // tokio-postgres supports neither the verifying modes nor `sslrootcert`.
        let (address, options) = text.split_once('?').unwrap_or((text, ""));
        let mut tls = TlsMode::Prefer;
        let mut authorities = None;
        let mut others = Vec::new();
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match url::form_urlencoded::parse(option.as_bytes()).next() {
                Some((name, value)) if name == "sslmode" => tls = TlsMode::parse(&value)?,
                Some((name, value)) if name == "sslrootcert" => {
                    authorities = Some(Path::new(value.as_ref()).to_owned());
                }
                Some((name, _)) if !PARAMETERS.contains(&&*name) && is_name(&name) => {
                    return Err(DatabaseUrlError::Parameter { name: name.into_owned() });
                }
                _ => others.push(option),
            }
        }
        let rest = if others.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{}", others.join("&"))
        };
        let config = rest.parse().map(Box::new).map_err(DatabaseUrlError::Postgres)?;
        Ok(Self { config, tls, authorities })
    }
}

/// Whether a connection to a host leaves this machine.
fn leaves(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name != "localhost"
                && !name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => false,
    }
}

/// Whether a text can be shown as the name of a parameter.
fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=40).contains(&text.len()) && text.bytes().all(is_part)
}

/// The text before the last `@` is user and password. An unencoded character that ends them earlier would make the rest
/// of the password part of the host, which is shown. An `@` in the path or query counts as well, and can be encoded.
fn must_be_encoded(place: &str) -> Result<(), DatabaseUrlError> {
    match place.rsplit_once('@') {
        Some((user, _host)) if user.contains(['@', '/', '?', '#']) => {
            Err(DatabaseUrlError::Unencoded)
        }
        _ => Ok(()),
    }
}

impl TlsMode {
    fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        match text {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            _ => Err(DatabaseUrlError::TlsMode),
        }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(folder) => write!(f, "{}", folder.display())?,
            }
            // One port may be given for all hosts.
            let ports = self.config.get_ports();
            if let Some(port) =
                ports.get(index).or_else(|| ports.last()).filter(|port| **port != 5432)
            {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{DatabaseUrl, DatabaseUrlError, TlsMode};

    fn path(text: &str) -> String {
        match DatabaseUrl::parse(text).unwrap() {
            DatabaseUrl::Sqlite(path) => path.to_str().unwrap().to_owned(),
            DatabaseUrl::Postgres(url) => panic!("{url}"),
        }
    }

    fn tls(text: &str) -> TlsMode {
        match DatabaseUrl::parse(text).unwrap() {
            DatabaseUrl::Postgres(url) => url.tls,
            DatabaseUrl::Sqlite(path) => panic!("{path:?}"),
        }
    }

    #[test]
    fn two_slashes_are_relative_and_three_absolute() {
        assert_eq!(path("sqlite://data/switchboard.db"), "data/switchboard.db");
        assert_eq!(path("sqlite:data/switchboard.db"), "data/switchboard.db");
        assert_eq!(path("sqlite:///var/lib/switchboard.db"), "/var/lib/switchboard.db");
        assert_eq!(path("sqlite:/var/lib/switchboard.db"), "/var/lib/switchboard.db");
    }

    #[test]
    fn what_is_no_database_is_refused_with_the_reason() {
        let reason = |text| DatabaseUrl::parse(text).unwrap_err().to_string();
        assert!(reason("mysql://localhost/a").contains("sqlite:// or postgres://"));
        assert!(reason("data/switchboard.db").contains("sqlite:// or postgres://"));
        assert!(reason("sqlite::memory:").contains("in memory"));
        assert!(reason("sqlite://a.db?mode=memory").contains("in memory"));
        assert!(reason("sqlite://a.db?cache=shared").contains("options"));
        assert!(reason("sqlite://").contains("contains no file"));
        assert!(reason("postgres://localhost/a?sslmode=maybe").contains("verify-full"));
        assert!(matches!(
            DatabaseUrl::parse("postgres://localhost/a?colour=red"),
            Err(DatabaseUrlError::Parameter { name }) if name == "colour"
        ));
        for name in ["sslaccept", "sslidentity", "sslcert", "supa", "uselibpqcompat"] {
            let text = format!("postgres://me:pw@localhost/a?connect_timeout=1&{name}=x&user=me");
            let shown = DatabaseUrl::parse(&text).unwrap_err().to_string();
            assert!(shown.contains(&format!("the parameter {name}, ")), "{shown}");
        }
        let bad = DatabaseUrl::parse("postgres://localhost/a?port=many");
        assert!(matches!(bad, Err(DatabaseUrlError::Postgres(_))));
    }

    #[test]
    fn tls_is_preferred_unless_said_otherwise() {
        assert_eq!(tls("postgres://localhost/a"), TlsMode::Prefer);
        assert_eq!(
            tls("postgresql://localhost/a?connect_timeout=1&sslmode=verify-full"),
            TlsMode::VerifyFull
        );
        assert_eq!(tls("postgres:///a?host=/run&sslmode=disable&user=me"), TlsMode::Disable);
    }

    #[test]
    fn a_connection_is_exposed_unless_it_stays_here_or_the_server_is_verified() {
        let exposed = |text| match DatabaseUrl::parse(text).unwrap() {
            DatabaseUrl::Postgres(url) => url.is_exposed(),
            DatabaseUrl::Sqlite(path) => panic!("{path:?}"),
        };
        for text in [
            "postgres://db.example.com/a",
            "postgres://10.0.0.1/a?sslmode=require",
            "postgres://localhost,db.example.com/a?sslmode=disable",
            "postgres://db.example.com/a?sslmode=verify-ca",
        ] {
            assert!(exposed(text), "{text}");
        }
        for text in [
            "postgres://localhost/a",
            "postgres://127.0.0.1:5433/a",
            "postgres://[::1]/a",
            "postgres:///a?host=%2Frun&user=me",
            "postgres://db.example.com/a?sslmode=verify-full",
        ] {
            assert!(!exposed(text), "{text}");
        }
    }

    #[test]
    fn a_password_may_be_seen_only_elsewhere_and_without_required_tls() {
        let guarded = |text| match DatabaseUrl::parse(text).unwrap() {
            DatabaseUrl::Postgres(url) => url.may_send_cleartext(),
            DatabaseUrl::Sqlite(path) => panic!("{path:?}"),
        };
        for text in ["postgres://db/a", "postgres://localhost,10.0.0.1/a?sslmode=disable"] {
            assert!(guarded(text), "{text}");
        }
        for text in [
            "postgres://localhost/a",
            "postgres://127.0.0.1/a?sslmode=disable",
            "postgres:///a?host=%2Frun&user=me",
            "postgres://db/a?sslmode=require",
            "postgres://db/a?sslmode=verify-full",
        ] {
            assert!(!guarded(text), "{text}");
        }
    }

    #[test]
    fn no_password_is_ever_shown() {
        let url =
            DatabaseUrl::parse("postgres://me:hunter2@db.example.com:5432/calls?sslmode=require")
                .unwrap();
        assert_eq!(format!("{url:?}"), "Postgres(postgres://db.example.com/calls)");
        let shown = shown("postgres://me:hunter2@db.example.com:port/calls");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    /// An error with all its causes.
    fn shown(text: &str) -> String {
        let wrong = DatabaseUrl::parse(text).unwrap_err();
        let mut shown = format!("{wrong:?} {wrong}");
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&wrong);
        while let Some(error) = cause {
            shown.push_str(&error.to_string());
            cause = error.source();
        }
        shown
    }

    #[test]
    fn a_password_that_is_not_encoded_is_refused_and_no_part_of_it_is_shown() {
        for password in
            ["hun@yak2", "hun/yak2", "hun?yak2", "hun#yak2", "hun@yak#2?x/y@z", "@", "1?x"]
        {
            for scheme in ["postgres", "postgresql"] {
                let text = format!("{scheme}://me:{password}@127.0.0.1:1/calls?connect_timeout=1");
                let shown = shown(&text);
                assert!(shown.contains("must be percent-encoded"), "{text}: {shown}");
                assert!(!shown.contains("hun") && !shown.contains("yak"), "{shown}");
            }
        }
        for fine in [
            "postgres://me:a:b!%40%23%2F%3F@h,i:5433/calls?user=me%40there",
            "postgres:///calls?host=%2Frun&user=me",
        ] {
            DatabaseUrl::parse(fine).unwrap();
        }
    }
}
