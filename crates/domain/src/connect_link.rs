//! Links by which a customer connects an account.

use std::fmt;

use ring::digest::{SHA256, digest};

use crate::audit::Actor;
use crate::identifier::OrganizationId;
use crate::time::Timestamp;

/// How long a link can be used.
pub const LINK_SECONDS: i64 = 3_600;
/// How many links of one organization are kept. The oldest are forgotten first.
pub const MAX_LINKS: u32 = 20;

/// The SHA-256 digest of the `state` of a link, which is stored in its place. `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateDigest([u8; 32]);

impl StateDigest {
    /// The digest of a `state`.
    pub fn of(state: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, state.as_bytes()).as_ref());
        Self(bytes)
    }

    /// The digest, as it is stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for StateDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StateDigest")
    }
}

/// A link by which a customer connects an account, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectLink {
    /// Recognizes the `state` of the link.
    pub digest: StateDigest,
    /// The organization that gets the account.
    pub organization: OrganizationId,
    /// Who made the link, and so makes the changes that follow from it.
    pub actor: Actor,
    /// From when on the link is refused.
    pub expires_at: Timestamp,
}
