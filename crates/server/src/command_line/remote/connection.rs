//! The options that select a server instead of the database.

use std::net::IpAddr;

use clap::Args;
use switchboard_domain::secret::Secret;
use url::{Host, Url};

use super::client::Client;
use super::reach::{self, Reach};
use crate::command_line::input::text;
use crate::failure::Failure;
use crate::settings::{CLIENT_KEY_FILE, CLIENT_URL};

/// What the keys of the API begin with.
const KEY_PREFIX: &str = "sbk_";

/// A running server. Both options come before the command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Server")]
pub(in crate::command_line) struct ConnectionOptions {
    #[arg(
        long,
        value_name = "URL",
        help = "Work through the admin API of a running server instead of the database: the URL of its admin listener, \
                for example http://127.0.0.1:8088. Also SWITCHBOARD_URL"
    )]
    url: Option<String>,
    #[arg(
        long,
        value_name = "FILE",
        help = "The file with the key of the API, or - for standard input. Also SWITCHBOARD_KEY_FILE"
    )]
    key: Option<String>,
}

impl ConnectionOptions {
    /// The client of the selected server; `None` for a command on the database. `command` has the words of the command.
    pub(in crate::command_line) fn client(&self, command: &str) -> Result<Option<Client>, Failure> {
        let Some((argument, url)) = given(self.url.as_deref(), "--url", CLIENT_URL) else {
            return match self.key {
                Some(_) => Err(Failure::usage(
                    "--key is given without --url (or SWITCHBOARD_URL), which selects the server",
                )),
                None => Ok(None),
            };
        };
        match reach::of(command) {
            Reach::Api => {}
            Reach::Anywhere => return Ok(None),
            Reach::Local(instead) => {
                return Err(Failure::usage(format!(
                    "`switchboard {command}` does not work through {argument}: {instead}"
                )));
            }
        }
        let server = server(argument, &url)?;
        let Some((argument, path)) = given(self.key.as_deref(), "--key", CLIENT_KEY_FILE) else {
            return Err(Failure::usage(
                "name the file with the key of the API with --key FILE or SWITCHBOARD_KEY_FILE; `switchboard key add` on the machine of the server prints a key",
            ));
        };
        Client::new(server, &key(argument, &path)?).map(Some)
    }
}

/// The value of an option, or else of the environment, and the name of where it is.
fn given(
    option: Option<&str>,
    argument: &'static str,
    variable: &'static str,
) -> Option<(&'static str, String)> {
    if let Some(value) = option {
        return Some((argument, value.to_owned()));
    }
    // Many tools set a variable to nothing instead of removing it.
    let value = std::env::var_os(variable).filter(|value| !value.is_empty())?;
    Some((variable, value.to_string_lossy().into_owned()))
}

/// The URL of a server to which a key may be sent.
fn server(argument: &str, text: &str) -> Result<Url, Failure> {
    let wrong = |what: &str| Err(Failure::argument(argument, what));
    let Ok(url) = Url::parse(text.trim()) else {
        return wrong("is not a URL such as http://127.0.0.1:8088");
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return wrong("is not a URL such as http://127.0.0.1:8088");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("has a user name or a password; the API takes only a key");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("has a query or a fragment; use the URL of the admin listener only");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return wrong(
            "would send the key without encryption to another machine; use https:// through a TLS proxy, or http:// \
             to this machine through an SSH tunnel (ssh -L 8088:127.0.0.1:8088 HOST)",
        );
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// Reads the key. The errors do not contain it.
fn key(argument: &str, path: &str) -> Result<Secret, Failure> {
    if path.starts_with(KEY_PREFIX) {
        return Err(Failure::argument(argument, "is a key; name the file that contains it"));
    }
    let text = Secret::new(text(argument, path)?);
    let key = text.expose().trim();
    let is_key = key.starts_with(KEY_PREFIX) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_key {
        let what = format!("names {path}, which contains no key of the API (sbk_…)");
        return Err(Failure::argument(argument, what));
    }
    Ok(Secret::new(key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::server;

    #[test]
    fn a_key_is_sent_without_encryption_only_to_this_machine() {
        for url in [
            "http://127.0.0.1:8088",
            "http://127.8.0.1",
            "http://[::1]:8088",
            "http://localhost:8088/",
            "https://switchboard.example.com/admin",
            " https://10.0.0.1:8443 ",
        ] {
            assert!(server("--url", url).is_ok(), "{url}");
        }
        for url in [
            "http://switchboard.example.com",
            "http://10.0.0.1:8088",
            "http://localhost.example.com",
            "http://0.0.0.0:8088",
        ] {
            let failure = format!("{:?}", server("--url", url).unwrap_err());
            assert!(failure.contains("ssh -L"), "{url}: {failure}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_server_is_refused_without_its_password() {
        for url in [
            "",
            "127.0.0.1:8088",
            "localhost:8088",
            "ftp://127.0.0.1",
            "https://alice:s3cret@example.com",
            "https://example.com?x=1",
            "https://example.com/#x",
        ] {
            let failure = format!("{:?}", server("--url", url).unwrap_err());
            assert!(!failure.contains("s3cret"), "{failure}");
        }
    }
}
