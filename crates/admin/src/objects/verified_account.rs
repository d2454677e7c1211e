//! An account whose tokens were verified, as JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AccountObject;

/// An account that was added or changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = VerifiedAccount)]
pub struct VerifiedAccountObject {
    /// The account.
    #[serde(flatten)]
    pub account: AccountObject,
    /// Whether Twilio accepts the given tokens; `null` if no token was given, `false` if they were not verified.
    #[schema(required)]
    pub token_verified: Option<bool>,
    /// Whether Twilio accepts the given API key; `null` if none was given, `false` if it was not verified.
    #[schema(required)]
    pub api_key_verified: Option<bool>,
}
