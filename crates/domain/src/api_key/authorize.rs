//! The decision whether a key authorizes a request.

use std::net::IpAddr;

use super::{ApiKey, KeyLimits, KeyScope, KeyState};
use crate::identifier::{ApiKeyId, OrganizationId};
use crate::organization::Scope;
use crate::time::Timestamp;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiRequest<'a> {
    /// What the request needs.
    pub needs: KeyScope,
    /// The organization that the request selects, if it does.
    pub selected: Option<&'a OrganizationId>,
    /// The address of the client, if it is known.
    pub source: Option<IpAddr>,
    /// The time of the request.
    pub now: Timestamp,
}

/// Why a key does not authorize a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// No such key is stored.
    #[error("the API key is unknown")]
    Unknown,
    /// It was revoked.
    #[error("the API key was revoked")]
    Revoked,
    /// Its time is over.
    #[error("the API key has expired")]
    Expired,
    /// The client is in none of its networks.
    #[error("the API key is not accepted from this address")]
    Network,
    /// It is the key of an organization, and the request selects another one.
    #[error("the API key belongs to another organization")]
    Organization,
    /// It may not do this.
    #[error("the API key does not have the scope {}", needed.as_str())]
    Scope {
        /// The scope that it would need.
        needed: KeyScope,
    },
}

/// A request that a key authorizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    /// The key that the request presented.
    pub key: ApiKeyId,
    /// What the request may read and change.
    pub scope: Scope,
    /// Whether it is an operator key, whatever organization it selects.
    pub is_operator: bool,
    /// What the keys that it adds may do at most.
    pub limits: KeyLimits,
}

/// Decides about a request with this key; `None` for a key that is not stored.
pub fn authorize(key: Option<&ApiKey>, request: ApiRequest<'_>) -> Result<Authorized, KeyRefusal> {
    let key = key.ok_or(KeyRefusal::Unknown)?;
    match key.state(request.now) {
        KeyState::Active => {}
        KeyState::Revoked => return Err(KeyRefusal::Revoked),
        KeyState::Expired => return Err(KeyRefusal::Expired),
    }
    if !key.networks.accept(request.source) {
        return Err(KeyRefusal::Network);
    }
    let scope = match (&key.organization, request.selected) {
        (Some(own), Some(selected)) if own != selected => return Err(KeyRefusal::Organization),
        (Some(own), _) => Scope::Organization(own.clone()),
        (None, Some(selected)) => Scope::Organization(selected.clone()),
        (None, None) => Scope::Operator,
    };
    if !key.scopes.contain(request.needs) {
        return Err(KeyRefusal::Scope { needed: request.needs });
    }
    let (id, is_operator) = (key.id.clone(), key.organization.is_none());
    Ok(Authorized { key: id, scope, is_operator, limits: KeyLimits::of(key) })
}

#[cfg(test)]
mod tests {
    use super::{ApiRequest, KeyRefusal, authorize};
    use crate::agent::Label;
    use crate::api_key::{ApiKey, KeyScope, KeyScopes};
    use crate::identifier::{ApiKeyId, OrganizationId};
    use crate::organization::{Scope, default_organization};
    use crate::source_networks::SourceNetworks;
    use crate::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn key() -> ApiKey {
        ApiKey {
            id: ApiKeyId::new(NOW, [1; 10]),
            organization: None,
            name: Label::parse("ci").unwrap(),
            scopes: KeyScopes::parse("read,route").unwrap(),
            networks: SourceNetworks::default(),
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        }
    }

    fn reading() -> ApiRequest<'static> {
        ApiRequest { needs: KeyScope::Read, selected: None, source: None, now: NOW }
    }

    fn scope(key: &ApiKey, request: ApiRequest<'_>) -> Result<Scope, KeyRefusal> {
        authorize(Some(key), request).map(|authorized| authorized.scope)
    }

    #[test]
    fn an_operator_key_selects_an_organization_and_others_cannot() {
        let other = OrganizationId::new(NOW, [9; 10]);
        let operator = key();
        let selecting = ApiRequest { selected: Some(&other), ..reading() };
        assert_eq!(scope(&operator, reading()), Ok(Scope::Operator));
        assert_eq!(scope(&operator, selecting), Ok(Scope::Organization(other.clone())));
        let own = ApiKey { organization: Some(default_organization()), ..key() };
        let ours = default_organization();
        assert_eq!(scope(&own, reading()), Ok(Scope::Organization(ours.clone())));
        assert_eq!(scope(&own, selecting), Err(KeyRefusal::Organization));
        let selecting = ApiRequest { selected: Some(&ours), ..reading() };
        assert_eq!(scope(&own, selecting), Ok(Scope::Organization(ours.clone())));
    }

    #[test]
    fn a_key_that_is_not_active_is_refused() {
        assert_eq!(authorize(None, reading()), Err(KeyRefusal::Unknown));
        let revoked = ApiKey { revoked_at: Some(NOW), expires_at: Some(NOW), ..key() };
        assert_eq!(scope(&revoked, reading()), Err(KeyRefusal::Revoked));
        let expired = ApiKey { expires_at: Some(NOW), ..key() };
        assert_eq!(scope(&expired, reading()), Err(KeyRefusal::Expired));
        let before = ApiRequest { now: Timestamp::from_seconds(999), ..reading() };
        assert_eq!(scope(&expired, before), Ok(Scope::Operator));
    }

    #[test]
    fn a_key_is_accepted_from_its_networks_only() {
        let networks = SourceNetworks::parse("192.0.2.0/24").unwrap();
        let local = ApiKey { networks, ..key() };
        let from = |text: &str| ApiRequest { source: Some(text.parse().unwrap()), ..reading() };
        assert_eq!(scope(&local, from("192.0.2.9")), Ok(Scope::Operator));
        assert_eq!(scope(&local, from("198.51.100.9")), Err(KeyRefusal::Network));
        assert_eq!(scope(&local, reading()), Err(KeyRefusal::Network));
    }

    #[test]
    fn a_key_does_what_its_scopes_name() {
        for needs in KeyScope::ALL {
            let may = matches!(needs, KeyScope::Read | KeyScope::Route);
            let decided = scope(&key(), ApiRequest { needs, ..reading() });
            let expected =
                if may { Ok(Scope::Operator) } else { Err(KeyRefusal::Scope { needed: needs }) };
            assert_eq!(decided, expected);
        }
    }
}
