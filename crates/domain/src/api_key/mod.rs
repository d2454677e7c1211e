//! API keys: what they may do, how they are recognized, and the decision whether a request is authorized.

mod authorize;
mod limits;
mod scopes;
mod secret;

use crate::agent::Label;
use crate::identifier::{ApiKeyId, OrganizationId};
use crate::source_networks::SourceNetworks;
use crate::string_enum;
use crate::time::Timestamp;

pub use authorize::{ApiRequest, Authorized, KeyRefusal, authorize};
pub use limits::{KeyLimits, LimitExceeded};
pub use scopes::{KeyScope, KeyScopes, KeyScopesError};
pub use secret::{KEY_BYTES, KEY_PREFIX, KeyDigest};

string_enum! {
    /// Whether a key can be used.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum KeyState {
        /// It can.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// It was revoked.
        Revoked = "revoked",
    }
}

/// A key that authorizes a program. Its secret is shown once and not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Id of the key.
    pub id: ApiKeyId,
    /// The organization whose objects it reads and changes; `None` for an operator key, which reads and changes those of all.
    pub organization: Option<OrganizationId>,
    /// What it is for.
    pub name: Label,
    /// What it may do.
    pub scopes: KeyScopes,
    /// The networks from which it is accepted.
    pub networks: SourceNetworks,
    /// When it was added.
    pub created_at: Timestamp,
    /// From when on it is not accepted; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last accepted, to about a minute.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it can be used at a time.
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            KeyState::Expired
        } else {
            KeyState::Active
        }
    }
}
