//! Responses to webhook requests.

use url::Url;

/// A response with status 2xx of acceptable size.
#[derive(Clone, Debug)]
pub(crate) struct WebhookResponse {
    /// The URL after redirects.
    pub(crate) url: Url,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}
