//! Whether the public URL may be written to the carrier: it has to be the one that the server runs with, and Twilio has
//! to be able to call it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use switchboard_admin::{OwnUrls, OwnUrlsError};
use switchboard_domain::audit::{Actor, Author};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Clock, Store};
use switchboard_domain::signature::PublicUrl;
use url::{Host, Url};

use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::{MESSAGE_FALLBACK_URL, PUBLIC_URL, Settings, VOICE_FALLBACK_URL};

/// Why Twilio cannot call a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uncallable {
    /// The host is this machine.
    Local,
    /// The URL is not encrypted.
    NotEncrypted,
}

/// Why Twilio cannot call a URL, or `None` if nothing speaks against it.
pub(crate) fn uncallable(url: &Url) -> Option<Uncallable> {
    if is_of_this_machine(url) {
        Some(Uncallable::Local)
    } else if url.scheme() == "https" {
        None
    } else {
        Some(Uncallable::NotEncrypted)
    }
}

/// Whether the host is this machine, in any spelling.
pub(crate) fn is_of_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => {
            let mapped = ip.to_ipv4_mapped();
            ip.is_loopback()
                || ip.is_unspecified()
                || mapped.is_some_and(|ip| ip.is_loopback() || ip.is_unspecified())
        }
        None => false,
    }
}

/// Refuses to plan changes at the carrier with another public URL than that of the server.
pub(crate) async fn must_be_the_servers(installation: &Installation) -> Result<(), Failure> {
    let public_urls = &installation.settings.public_urls;
    if !public_urls.is_given {
        return Ok(());
    }
    let stored = installation.store.public_url().find().await;
    match stored.doing("reading the stored public URL")? {
        Some(stored) if stored != public_urls.first => {
            Err(Failure::refused(difference(&public_urls.first, &stored)))
        }
        _ => Ok(()),
    }
}

/// Refuses to write URLs to the carrier that Twilio cannot call, or that are not those of the server. Stores the public
/// URL if none is stored yet.
pub(crate) async fn may_be_written(installation: &Installation) -> Result<(), Failure> {
    match WrittenUrls::of(installation).check().await {
        Err(OwnUrlsError::Refused(refused)) => Err(Failure::refused(refused)),
        Err(OwnUrlsError::Store(error)) => Err(error).doing("storing the public URL"),
        Ok(()) => Ok(()),
    }
}

/// The URLs of the settings, which may be written to the carrier or not.
pub(crate) struct WrittenUrls {
    refusal: Option<String>,
    /// The public URL, if the settings name it.
    given: Option<PublicUrl>,
    store: Arc<dyn Store>,
    actor: Actor,
    clock: Arc<dyn Clock>,
}

impl WrittenUrls {
    /// Those of an installation.
    pub(crate) fn of(installation: &Installation) -> Self {
        let settings = &installation.settings;
        let public_urls = &settings.public_urls;
        Self {
            refusal: refusal(settings),
            given: public_urls.is_given.then(|| public_urls.first.clone()),
            store: Arc::clone(&installation.store),
            actor: installation.actor.clone(),
            clock: Arc::clone(&installation.ambient.clock),
        }
    }

    async fn check(&self) -> Result<(), OwnUrlsError> {
        if let Some(refused) = &self.refusal {
            return Err(OwnUrlsError::Refused(refused.clone()));
        }
        let Some(given) = &self.given else { return Ok(()) };
        let now = self.clock.now();
        let author = Author::new(Scope::Operator, self.actor.clone(), None, now);
        let stored = self.store.public_url().set_first(&author, given).await;
        let stored = stored.map_err(OwnUrlsError::Store)?;
        if stored == *given {
            Ok(())
        } else {
            Err(OwnUrlsError::Refused(difference(given, &stored)))
        }
    }
}

impl OwnUrls for WrittenUrls {
    fn may_be_written(&self) -> BoxFuture<'_, Result<(), OwnUrlsError>> {
        Box::pin(self.check())
    }
}

/// Why the URLs of the settings must not be written, or `None` if they may be. An offline Twilio takes any URL.
pub(crate) fn refusal(settings: &Settings) -> Option<String> {
    if settings.carrier.api_url.as_ref().is_some_and(is_of_this_machine) {
        return None;
    }
    let public_urls = &settings.public_urls;
    let shown = format!("{:?}", public_urls.first);
    let problem = Url::parse(public_urls.first.as_str()).ok().as_ref().and_then(uncallable);
    if let Some(problem) = problem {
        let why = explained(problem);
        let state = if public_urls.is_known() { "is" } else { "is not set, so it is" };
        return Some(format!(
            "{PUBLIC_URL} {state} {shown}, {why}; nothing was changed at Twilio. Set {PUBLIC_URL} to the https:// URL that Twilio calls"
        ));
    }
    let carrier = &settings.carrier;
    let fallbacks = [
        (VOICE_FALLBACK_URL, &carrier.voice_fallback),
        (MESSAGE_FALLBACK_URL, &carrier.message_fallback),
    ];
    fallbacks.into_iter().find_map(|(name, url)| {
        let url = Url::parse(url.as_ref()?.as_str()).ok()?;
        let why = explained(uncallable(&url)?);
        Some(format!(
            "{name} is {why}; nothing was changed at Twilio. Set {name} to an https:// URL that Twilio can call"
        ))
    })
}

const fn explained(problem: Uncallable) -> &'static str {
    match problem {
        Uncallable::Local => "a local address, which Twilio cannot call",
        Uncallable::NotEncrypted => {
            "an http:// URL, over which tokens and messages can be read in transit"
        }
    }
}

fn difference(given: &PublicUrl, stored: &PublicUrl) -> String {
    format!(
        "{PUBLIC_URL} is {given:?}, but the server runs with {stored:?}; nothing was changed at Twilio. Unset {PUBLIC_URL} \
         to use the stored URL, or start `switchboard serve` with the new one first"
    )
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Uncallable, uncallable};

    #[test]
    fn every_spelling_of_this_machine_and_http_is_found() {
        let local = [
            "http://localhost:8080",
            "https://LOCALHOST",
            "https://localhost.",
            "https://sub.localhost/x",
            "https://127.0.0.1",
            "https://127.9.9.9:8443",
            "https://2130706433",
            "https://0x7f.1",
            "https://0.0.0.0",
            "https://[::1]",
            "https://[::]",
            "https://[::ffff:127.0.0.1]",
        ];
        for text in local {
            assert_eq!(uncallable(&Url::parse(text).unwrap()), Some(Uncallable::Local), "{text}");
        }
        let url = |text| Url::parse(text).unwrap();
        assert_eq!(uncallable(&url("HTTP://calls.example.com")), Some(Uncallable::NotEncrypted));
        assert_eq!(uncallable(&url("https://localhost.example.com")), None);
        assert_eq!(uncallable(&url("https://calls.example.com/in")), None);
    }
}
