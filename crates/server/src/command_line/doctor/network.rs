//! The check of the public URL: whether Twilio can call it, as far as this machine can tell.

use std::time::Duration;

use reqwest::redirect::Policy;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::PublicUrlStore;
use switchboard_domain::signature::PublicUrl;
use url::Url;

use super::check::Check;
use super::unanswered;
use crate::settings::PublicUrls;
use crate::written_urls::is_of_this_machine;

const NAME: &str = "public URL";
const TIMEOUT: Duration = Duration::from_secs(5);

/// Checks a public URL, and calls `/healthz` below it.
pub(super) async fn public_url(public: &PublicUrl) -> Check {
    // Without user name and password, which may be part of it.
    let shown = format!("{public:?}");
    let Ok(url) = Url::parse(&format!("{}/healthz", public.as_str())) else {
        return Check::fail(
            NAME,
            format!("{shown} cannot be called"),
            "correct SWITCHBOARD_PUBLIC_URL",
        );
    };
    if is_of_this_machine(&url) {
        let remedy = "set SWITCHBOARD_PUBLIC_URL to the https:// URL that Twilio calls";
        return Check::warn(
            NAME,
            format!("{shown} is a local address, which Twilio cannot call"),
            remedy,
        );
    }
    if public.scheme().eq_ignore_ascii_case("http") {
        let remedy = "put a TLS proxy in front of the server, and set SWITCHBOARD_PUBLIC_URL to the https:// URL";
        return Check::warn(
            NAME,
            format!("{shown} is not encrypted: tokens and messages can be read in transit"),
            remedy,
        );
    }
    match answers(url).await {
        Ok(()) => Check::ok(NAME, format!("{shown} answers")),
        Err(why) => Check::warn(
            NAME,
            format!("{shown}/healthz does not answer this machine: {why}"),
            "start the server, and check DNS, TLS and the proxy; the result may differ from outside",
        ),
    }
}

/// Compares the public URL of the settings with the one that the server stored, and uses the stored one if the settings
/// name none. `None` if they agree.
pub(super) async fn stored_url(
    public_urls: &mut PublicUrls,
    store: &dyn PublicUrlStore,
) -> Option<Check> {
    let stored = match store.find().await {
        Ok(stored) => stored?,
        Err(error) => return Some(unanswered(NAME, &error)),
    };
    if public_urls.is_given && stored != public_urls.first {
        return Some(Check::fail(
            NAME,
            format!(
                "SWITCHBOARD_PUBLIC_URL is {:?}, but the server runs with {stored:?}",
                public_urls.first
            ),
            "unset SWITCHBOARD_PUBLIC_URL here, or start `switchboard serve` with the new URL",
        ));
    }
    public_urls.or_stored(Some(stored));
    None
}

async fn answers(url: Url) -> Result<(), String> {
    // Without a provider the client cannot be built; one that is installed already stays.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build();
    let client = client.map_err(|_unbuilt| "the HTTP client cannot be created".to_owned())?;
    match client.get(url).send().await {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(format!("status {}", response.status().as_u16())),
        Err(error) => Err(Causes(&error.without_url()).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::signature::PublicUrl;

    use super::super::check::State;
    use super::public_url;

    #[tokio::test]
    async fn what_twilio_cannot_call_is_reported_without_calling_it() {
        for text in
            ["http://localhost:8080", "https://127.0.0.1", "http://user:s3cret@voice.example.com"]
        {
            let check = public_url(&PublicUrl::parse(text).unwrap()).await;
            assert_eq!(check.state, State::Warn, "{text}");
            assert!(!check.detail.contains("s3cret"), "{}", check.detail);
        }
    }
}
