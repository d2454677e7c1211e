//! An account of the import, and what becomes of a stored one.

use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::sealing::SecretVersion;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use crate::{AuthToken, ManageError, TokenSealer, open_primary};

/// An account of the import.
#[derive(Debug)]
pub(in crate::import) struct ImportedAccount {
    pub(in crate::import) sid: AccountSid,
    pub(super) name: Label,
    pub(super) parent: Option<AccountSid>,
    /// `None` keeps the token of a stored account.
    pub(super) token: Option<AuthToken>,
    /// `None` keeps the region of a stored account.
    pub(super) region: Option<Region>,
}

impl ImportedAccount {
    /// A new account. `name` must be a short text.
    pub(in crate::import) fn new(
        sid: AccountSid,
        name: &str,
        parent: Option<AccountSid>,
        token: AuthToken,
    ) -> Self {
        let name = match Label::parse(name) {
            Ok(name) => name,
            Err(error) => unreachable!("a word and a SID are short texts: {error}"),
        };
        Self { sid, name, parent, token: Some(token), region: None }
    }

    /// Rows have no next tokens, API keys or statuses, so the stored ones stay. Returns `None` if a stored account equals
    /// its row: its tokens are not written again, because they may be rotated at the same time.
    pub(in crate::import) fn complete(
        self,
        organization: &OrganizationId,
        sealer: &TokenSealer,
        before: Option<Account>,
        at: Timestamp,
    ) -> Result<Option<Account>, ManageError> {
        let is_same = before.as_ref().is_some_and(|before| {
            before.name == self.name
                && before.parent == self.parent
                && self.region.is_none_or(|region| region == before.region)
                && self.token.as_ref().is_none_or(|token| {
                    // A token that cannot be decrypted is replaced.
                    let stored = open_primary(&sealer.keyring, before);
                    stored.is_ok_and(|stored| stored.expose() == token.secret().expose())
                })
        });
        let primary = match (&self.token, &before) {
            _ if is_same => return Ok(None),
            (Some(token), Some(_)) => sealer.primary(self.sid, sealer.replacement(), token)?,
            (Some(token), None) => sealer.primary(self.sid, SecretVersion::FIRST, token)?,
            (None, Some(before)) => before.tokens.primary.clone(),
            // Validation rejects an unknown account without a token.
            (None, None) => return Ok(None),
        };
        let stored_region = before.as_ref().map(|before| before.region);
        let next = before.and_then(|before| before.tokens.next);
        Ok(Some(Account {
            sid: self.sid,
            organization: organization.clone(),
            name: self.name,
            parent: self.parent,
            tokens: SealedTokens { primary, next },
            api_key: None,
            region: self.region.or(stored_region).unwrap_or_default(),
            status: AccountStatus::default(),
            validation: None,
            connection: None,
            created_at: at,
        }))
    }
}
