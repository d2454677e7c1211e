//! Makes the links by which customers connect accounts.

use std::sync::Arc;

use switchboard_domain::audit::Author;
use switchboard_domain::connect_link::{ConnectLink, LINK_SECONDS, MAX_LINKS, StateDigest};
use switchboard_domain::connection::ConnectApp;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::{Clock, ConnectLinkStore, Randomness, Retry, StoreError};
use switchboard_domain::secret::Secret;
use switchboard_domain::session::{STATE_BYTES, SessionKeys};
use switchboard_domain::time::Timestamp;

/// A link by which a customer connects an account.
#[derive(Clone, Debug)]
pub struct ConnectInvitation {
    /// The page at Twilio where the customer authorizes the app. Who has it can connect an account, once.
    pub url: Secret,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// Why no link was made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The installation has no Connect app.
    #[error("Twilio Connect is not configured")]
    NotConfigured,
    /// The organization does not exist, or the author has no access to it.
    #[error("organization {0} does not exist")]
    OrganizationUnknown(OrganizationId),
    /// The link was not stored.
    #[error("storing the link failed")]
    Store(#[source] StoreError),
}

impl ConnectError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::NotConfigured | Self::OrganizationUnknown(_) => Retry::Never,
            Self::Store(source) => source.retry(),
        }
    }
}

/// Makes the links by which customers connect accounts.
pub struct InviteAccount {
    /// The Connect app; `None` if there is none.
    pub app: Option<ConnectApp>,
    /// Where customers authorize apps, without a slash at the end: `https://www.twilio.com`.
    pub authorize_base: String,
    /// Stores the links.
    pub links: Arc<dyn ConnectLinkStore>,
    /// Signs the `state` of links.
    pub keys: Arc<SessionKeys>,
    /// Makes the `state` of links.
    pub randomness: Arc<dyn Randomness>,
    /// Says when a link expires.
    pub clock: Arc<dyn Clock>,
}

impl InviteAccount {
    /// Makes a link for an organization. The oldest links of the organization are forgotten if there are many.
    pub async fn invite(
        &self,
        author: &Author,
        organization: OrganizationId,
    ) -> Result<ConnectInvitation, ConnectError> {
        let app = self.app.ok_or(ConnectError::NotConfigured)?;
        if !author.covers(&organization) {
            return Err(ConnectError::OrganizationUnknown(organization));
        }
        let mut random = [0; STATE_BYTES];
        self.randomness.fill(&mut random);
        let state = self.keys.connect_state(&random);
        let expires_at = self.clock.now().plus_seconds(LINK_SECONDS);
        let link = ConnectLink {
            digest: StateDigest::of(state.expose()),
            organization,
            actor: author.actor().clone(),
            expires_at,
        };
        match self.links.add(&link, MAX_LINKS).await {
            Ok(()) => {}
            Err(StoreError::Missing { .. }) => {
                return Err(ConnectError::OrganizationUnknown(link.organization));
            }
            Err(error) => return Err(ConnectError::Store(error)),
        }
        // Each character of the state can be part of a URL.
        let url = format!("{}/authorize/{}?state={}", self.authorize_base, app.sid, state.expose());
        Ok(ConnectInvitation { url: Secret::new(url), expires_at })
    }
}
