//! The URLs that endpoints get.

use std::sync::Arc;

use switchboard_domain::session::SessionKeys;
use switchboard_domain::signature::PublicUrl;

/// Where replies are accepted and files are read, and the keys of their tokens.
#[derive(Clone)]
pub struct ReplyAddresses {
    /// The public URL of the installation.
    pub base: PublicUrl,
    /// The keys that sign tokens.
    pub keys: Arc<SessionKeys>,
}
