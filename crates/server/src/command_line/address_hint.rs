//! A hint about endpoints to which the server will refuse to connect.

use switchboard_domain::printable;
use switchboard_domain::web_address::WebUrl;
use url::Url;

use crate::failure::{Failure, note};
use crate::settings::{Settings, TARGET_NETWORKS};

/// Tells on the standard error if `what`, such as messages, will not be delivered to an endpoint because of its address.
pub(super) fn hint_refused(
    settings: &Settings,
    endpoint: &WebUrl,
    what: &str,
) -> Result<(), Failure> {
    let url = Url::parse(endpoint.as_str()).ok();
    let Some(url) = url.filter(|url| settings.target_networks.refuse_host(url)) else {
        return Ok(());
    };
    // The path may contain a credential.
    let host = printable::one_line(url.host_str().unwrap_or_default()).into_owned();
    let hint = format!(
        "{what} are not delivered to {host}, which is not a public address; to allow it, start the server with \
         its network in {TARGET_NETWORKS} (for this machine: {TARGET_NETWORKS}=127.0.0.0/8,::1)"
    );
    note("hint", &hint)
}
