//! Accounts, as they are printed.

use serde::Serialize;
use switchboard_domain::account::Account;

use super::{NONE, instant, or_none, sheet};
use crate::command_line::output::View;

/// An account.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct AccountView {
    sid: String,
    name: String,
    parent_sid: Option<String>,
    organization_id: String,
    /// Whether a next token is stored, for a rotation.
    has_next_token: bool,
    /// The key that encrypted the primary token.
    encryption_key_id: Option<String>,
    api_key_sid: Option<String>,
    region: &'static str,
    status: &'static str,
    created_at: String,
}

impl AccountView {
    pub(in crate::command_line) fn of(account: &Account) -> Self {
        Self {
            sid: account.sid.to_string(),
            name: account.name.as_str().to_owned(),
            parent_sid: account.parent.map(|sid| sid.to_string()),
            organization_id: account.organization.to_string(),
            has_next_token: account.tokens.next.is_some(),
            encryption_key_id: account.tokens.primary.key_id().map(ToOwned::to_owned),
            api_key_sid: account.api_key.as_ref().map(|key| key.sid.to_string()),
            region: account.region.as_str(),
            status: account.status.as_str(),
            created_at: instant(account.created_at),
        }
    }

    /// Line by line, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let next = if self.has_next_token { "stored, for a rotation" } else { NONE };
        sheet(&[
            ("SID", &self.sid),
            ("Name", &self.name),
            ("Parent", or_none(self.parent_sid.as_deref())),
            ("Next token", next),
            ("Encryption key", or_none(self.encryption_key_id.as_deref())),
            ("API key", or_none(self.api_key_sid.as_deref())),
            ("Region", self.region),
            ("Status", self.status),
            ("Added", &self.created_at),
        ])
    }
}

impl View for AccountView {
    const COLUMNS: &'static [&'static str] = &["SID", "NAME", "PARENT", "ADDED"];

    fn cells(&self) -> Vec<String> {
        let parent = or_none(self.parent_sid.as_deref());
        [&self.sid, &self.name, parent, &self.created_at].map(ToOwned::to_owned).into()
    }
}
