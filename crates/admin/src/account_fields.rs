//! The fields of an account in the body of a request. Tokens are written, and never shown.

use std::str::FromStr as _;

use switchboard_application_management::{AccountChange, AuthToken, NewAccount};
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::{ApiKey, Region};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::sid::{AccountSid, ApiKeySid};

use crate::body::Fields;
use crate::problem::Problem;

/// What a body asks for.
pub(crate) struct AccountFields {
    pub(crate) change: AccountChange,
    pub(crate) verification: Verification,
}

/// Whether Twilio is asked whether the tokens and the API key are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verification {
    AskTwilio,
    Skip,
}

impl AccountFields {
    /// Reads the body of a new account. Reports all mistakes together.
    pub(crate) fn read_new(
        mut fields: Fields,
        organization: OrganizationId,
    ) -> Result<(NewAccount, Verification), Problem> {
        let sid = fields.required("sid", AccountSid::parse);
        let name = fields.required("name", Label::parse);
        let token = fields.required("auth_token", AuthToken::parse);
        let AccountFields { change, verification } = Self::rest(&mut fields);
        fields.end()?;
        // Without mistakes, all are there.
        let (Some(sid), Some(name), Some(token)) = (sid, name, token) else {
            return Err(Problem::mistakes(Vec::new()));
        };
        let new = NewAccount {
            sid,
            organization,
            name,
            parent: change.parent.apply(None),
            token,
            next_token: change.next_token.apply(None),
            api_key: change.api_key.apply(None),
            region: change.region.unwrap_or_default(),
        };
        Ok((new, verification))
    }

    /// Reads the body of a change. Reports all mistakes together.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Problem> {
        let is_named = fields.has("name");
        let name = if is_named { fields.required("name", Label::parse) } else { None };
        let has_token = fields.has("auth_token");
        let token = if has_token { fields.required("auth_token", AuthToken::parse) } else { None };
        let AccountFields { change, verification } = Self::rest(&mut fields);
        fields.end()?;
        Ok(Self { change: AccountChange { name, token, ..change }, verification })
    }

    fn rest(fields: &mut Fields) -> Self {
        let change = AccountChange {
            parent: fields.edited_text("parent_sid", AccountSid::parse),
            next_token: fields.edited_text("next_auth_token", AuthToken::parse),
            api_key: fields.edited("api_key", |inner| {
                let sid = inner.required("sid", ApiKeySid::parse);
                let secret = inner.required("secret", AuthToken::parse);
                Some(ApiKey { sid: sid?, secret: secret?.secret().clone() })
            }),
            region: fields.text("region", Region::from_str),
            ..AccountChange::default()
        };
        let verification = match fields.flag("verify") {
            None | Some(true) => Verification::AskTwilio,
            Some(false) => Verification::Skip,
        };
        Self { change, verification }
    }
}
