//! What came back.

use url::Url;

/// An answer that Twilio takes: its status is 2xx and its body is not too large.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Where it came from, after redirects.
    pub(crate) url: Url,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}
