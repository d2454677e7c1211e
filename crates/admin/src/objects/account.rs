//! An account as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_domain::account::Account;
use switchboard_domain::account_validation::AccountValidation;
use utoipa::ToSchema;

use super::instant;

/// A Twilio account or subaccount. Its tokens are never shown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountObject {
    /// The `AccountSid`.
    pub sid: String,
    /// Its name.
    pub name: String,
    /// The main account of a subaccount.
    #[schema(required)]
    pub parent_sid: Option<String>,
    /// The organization that owns it.
    pub organization_id: String,
    /// Whether a next token is stored, for a rotation.
    pub has_next_token: bool,
    /// The id of the key that encrypted the primary token.
    #[schema(required)]
    pub encryption_key_id: Option<String>,
    /// The API key at Twilio by which requests are sent, if they are not sent by the token.
    #[schema(required)]
    pub api_key_sid: Option<String>,
    /// Where Twilio keeps its data.
    pub region: Cow<'static, str>,
    /// Its status at Twilio when it was last read.
    pub status: Cow<'static, str>,
    /// How strictly the signatures of its webhooks are checked: `enforced`, `report`, or `null` as the installation says.
    #[schema(required)]
    pub validation: Option<Cow<'static, str>>,
    /// What it is: `account`, `subaccount`, or `connect` if a customer connected it by Twilio Connect.
    pub kind: Cow<'static, str>,
    /// The Connect app that its customer has authorized.
    #[schema(required)]
    pub connect_app_sid: Option<String>,
    /// When the customer deauthorized the app. The account is deleted 30 days later, unless it is connected again.
    #[schema(required, format = DateTime)]
    pub disconnected_at: Option<String>,
    /// When it was added.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl AccountObject {
    /// Renders an account.
    pub fn of(account: &Account) -> Self {
        Self {
            sid: account.sid.to_string(),
            name: account.name.as_str().to_owned(),
            parent_sid: account.parent.map(|sid| sid.to_string()),
            organization_id: account.organization.to_string(),
            has_next_token: account.tokens.next.is_some(),
            encryption_key_id: account.tokens.primary.key_id().map(ToOwned::to_owned),
            api_key_sid: account.api_key.as_ref().map(|key| key.sid.to_string()),
            region: account.region.as_str().into(),
            status: account.status.as_str().into(),
            validation: account.validation.map(AccountValidation::as_str).map(Cow::Borrowed),
            kind: kind(account).into(),
            connect_app_sid: account.connection.map(|connection| connection.app.sid.to_string()),
            disconnected_at: account
                .connection
                .and_then(|connection| connection.disconnected_at)
                .map(instant),
            created_at: instant(account.created_at),
        }
    }
}

/// What an account is.
const fn kind(account: &Account) -> &'static str {
    match (&account.connection, &account.parent) {
        (Some(_), _) => "connect",
        (None, Some(_)) => "subaccount",
        (None, None) => "account",
    }
}
