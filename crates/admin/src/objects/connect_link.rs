//! A link by which a customer connects an account, as JSON.

use serde::{Deserialize, Serialize};
use switchboard_application_carrier::connect::ConnectInvitation;
use utoipa::ToSchema;

use super::instant;

/// A link by which a customer connects an account. Who has it can connect an account to the organization, once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConnectLink)]
pub struct ConnectLinkObject {
    /// The page at Twilio where the customer authorizes the Connect app.
    pub url: String,
    /// From when on the link is refused.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

impl ConnectLinkObject {
    /// Renders a link. The URL is shown only once.
    pub fn of(invitation: &ConnectInvitation) -> Self {
        Self { url: invitation.url.expose().to_owned(), expires_at: instant(invitation.expires_at) }
    }
}
