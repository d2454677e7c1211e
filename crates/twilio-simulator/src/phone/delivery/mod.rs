//! Webhook requests as Twilio makes them: signed, with its timeouts, retries and redirects, and with injected faults.

mod attempt;
mod connection_overrides;
mod fault;
mod response;
mod truncated_request;
mod url_override;
mod webhook_client;

pub(crate) use attempt::Channel;
pub(crate) use fault::PendingFaults;
pub use fault::{Fault, InjectedFault};
pub(crate) use response::WebhookResponse;
pub use url_override::UrlOverride;
pub(crate) use url_override::{host_header, resolve_url};
pub(crate) use webhook_client::WebhookClient;
