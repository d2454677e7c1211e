//! Hints about the addresses of endpoints: the server will refuse to connect to them, or texts will be sent in clear text.

use switchboard_domain::printable;
use switchboard_domain::target_networks::TargetNetworks;
use switchboard_domain::web_address::WebUrl;
use url::Url;

use crate::failure::{Failure, note};
use crate::settings::{Settings, TARGET_NETWORKS};

/// Prints a hint to the standard error if `what`, such as messages, will not be delivered to an endpoint because of its address,
/// or will be readable on the way there.
pub(super) fn hint_address(
    settings: &Settings,
    endpoint: &WebUrl,
    what: &str,
) -> Result<(), Failure> {
    let Ok(url) = Url::parse(endpoint.as_str()) else { return Ok(()) };
    // The path may contain a credential.
    let host = printable::one_line(url.host_str().unwrap_or_default()).into_owned();
    if settings.target_networks.refuse_host(&url) {
        let hint = format!(
            "{what} are not delivered to {host}, which is not a public address; to allow it, start the server with \
             its network in {TARGET_NETWORKS} (for this machine: {TARGET_NETWORKS}=127.0.0.0/8,::1)"
        );
        return note("hint", &hint);
    }
    hint_clear_text(endpoint, what)
}

/// Prints a hint if `what` goes to a public endpoint in clear text.
pub(super) fn hint_clear_text(endpoint: &WebUrl, what: &str) -> Result<(), Failure> {
    let Ok(url) = Url::parse(endpoint.as_str()) else { return Ok(()) };
    if url.scheme() != "http" || TargetNetworks::default().refuse_host(&url) {
        return Ok(());
    }
    let host = printable::one_line(url.host_str().unwrap_or_default()).into_owned();
    note(
        "hint",
        &format!("requests with {what} go to {host} in clear text; use a URL with https://"),
    )
}
