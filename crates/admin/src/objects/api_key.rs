//! An API key as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_domain::api_key::{ApiKey, KeyScope};
use switchboard_domain::secret::Secret;
use switchboard_domain::time::Timestamp;
use utoipa::ToSchema;

use super::instant;

/// An API key.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyObject {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The organization whose objects it reads and changes; `null` for an operator key.
    #[schema(required)]
    pub organization: Option<String>,
    /// What it may do: `read`, `route`, `configure`, `admin`.
    pub scopes: Vec<Cow<'static, str>>,
    /// The networks from which it is accepted, in CIDR notation. Empty: from everywhere.
    pub networks: Vec<String>,
    /// `active`, `expired` or `revoked`.
    pub state: Cow<'static, str>,
    /// When it was added.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// From when on it is not accepted.
    #[schema(required, format = DateTime)]
    pub expires_at: Option<String>,
    /// When it was revoked.
    #[schema(required, format = DateTime)]
    pub revoked_at: Option<String>,
    /// When it was last accepted, to about a minute.
    #[schema(required, format = DateTime)]
    pub last_used_at: Option<String>,
    /// The key itself, which is shown only when it is added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl ApiKeyObject {
    /// Renders a key as it is at a time.
    pub fn of(key: &ApiKey, now: Timestamp) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.as_str().to_owned(),
            organization: key.organization.as_ref().map(ToString::to_string),
            scopes: key.scopes.iter().map(KeyScope::as_str).map(Cow::Borrowed).collect(),
            networks: key.networks.iter().map(|network| network.to_string()).collect(),
            state: key.state(now).as_str().into(),
            created_at: instant(key.created_at),
            expires_at: key.expires_at.map(instant),
            revoked_at: key.revoked_at.map(instant),
            last_used_at: key.last_used_at.map(instant),
            secret: None,
        }
    }

    /// With its secret, which is shown only once.
    #[must_use]
    pub fn with_secret(self, secret: &Secret) -> Self {
        Self { secret: Some(secret.expose().to_owned()), ..self }
    }
}
