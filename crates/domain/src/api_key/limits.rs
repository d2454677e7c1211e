//! What a key may do at most. A key adds no key that may do more: otherwise, a key that is about to expire, or is accepted in
//! one network only, could make one that is not.

use super::{ApiKey, KeyScope, KeyScopes};
use crate::source_networks::SourceNetworks;
use crate::time::Timestamp;

/// What a key may do at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLimits {
    /// What it may do.
    pub scopes: KeyScopes,
    /// The networks from which it is accepted.
    pub networks: SourceNetworks,
    /// From when on it is not accepted; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
}

/// What a new key may do and the key that adds it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitExceeded {
    /// It has a scope that the other has not.
    #[error("contain {}, which the key that adds it does not have", .0.as_str())]
    Scope(KeyScope),
    /// It is accepted from other networks.
    #[error("are not within those of the key that adds it")]
    Networks,
    /// It expires later.
    #[error("is later than that of the key that adds it")]
    Expiry,
}

impl KeyLimits {
    /// The limits of a key.
    pub fn of(key: &ApiKey) -> Self {
        let ApiKey { scopes, networks, expires_at, .. } = key;
        Self { scopes: *scopes, networks: networks.clone(), expires_at: *expires_at }
    }

    /// Decides whether a key with these limits may add one with the others.
    pub fn may_add(&self, added: &Self) -> Result<(), LimitExceeded> {
        if let Some(more) = added.scopes.iter().find(|scope| !self.scopes.contain(*scope)) {
            return Err(LimitExceeded::Scope(more));
        }
        if !self.networks.cover(&added.networks) {
            return Err(LimitExceeded::Networks);
        }
        match (self.expires_at, added.expires_at) {
            (Some(_), None) => Err(LimitExceeded::Expiry),
            (Some(ours), Some(theirs)) if ours < theirs => Err(LimitExceeded::Expiry),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyLimits, LimitExceeded};
    use crate::api_key::{KeyScope, KeyScopes};
    use crate::source_networks::SourceNetworks;
    use crate::time::Timestamp;

    fn limits(scopes: &str, networks: &str, expires_at: Option<i64>) -> KeyLimits {
        KeyLimits {
            scopes: KeyScopes::parse(scopes).unwrap(),
            networks: SourceNetworks::parse(networks).unwrap(),
            expires_at: expires_at.map(Timestamp::from_seconds),
        }
    }

    #[test]
    fn a_key_adds_no_key_that_may_do_more() {
        let own = limits("read,admin", "10.0.0.0/8", Some(100));
        for (scopes, networks, expires_at, expected) in [
            ("read,admin", "10.0.0.0/8", Some(100), Ok(())),
            ("read", "10.1.0.0/16", Some(99), Ok(())),
            ("read,route", "10.0.0.0/8", Some(100), Err(LimitExceeded::Scope(KeyScope::Route))),
            ("read", "", Some(100), Err(LimitExceeded::Networks)),
            ("read", "10.0.0.0/8,fd00::/8", Some(100), Err(LimitExceeded::Networks)),
            ("read", "10.0.0.0/8", Some(101), Err(LimitExceeded::Expiry)),
            ("read", "10.0.0.0/8", None, Err(LimitExceeded::Expiry)),
        ] {
            assert_eq!(own.may_add(&limits(scopes, networks, expires_at)), expected, "{networks}");
        }
        let free = limits("read,admin", "", None);
        assert_eq!(free.may_add(&limits("admin", "10.0.0.0/8", Some(1))), Ok(()));
        assert_eq!(free.may_add(&free), Ok(()));
    }
}
