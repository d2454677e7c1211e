//! Accounts, as they are printed for people.

use switchboard_admin::objects::AccountObject;

use super::{NONE, Sheet, or_none, sheet};
use crate::command_line::output::View;

impl Sheet for AccountObject {
    fn sheet(&self) -> String {
        let next = if self.has_next_token { "stored, for a rotation" } else { NONE };
        sheet(&[
            ("SID", &self.sid),
            ("Name", &self.name),
            ("Parent", or_none(self.parent_sid.as_deref())),
            ("Next token", next),
            ("Encryption key", or_none(self.encryption_key_id.as_deref())),
            ("API key", or_none(self.api_key_sid.as_deref())),
            ("Region", &self.region),
            ("Status", &self.status),
            ("Kind", &self.kind),
            ("Connect app", or_none(self.connect_app_sid.as_deref())),
            ("Disconnected", or_none(self.disconnected_at.as_deref())),
            ("Validation", self.validation.as_deref().unwrap_or("as the installation says")),
            ("Added", &self.created_at),
        ])
    }
}

impl View for AccountObject {
    const COLUMNS: &'static [&'static str] = &["SID", "NAME", "KIND", "PARENT", "ADDED"];

    fn cells(&self) -> Vec<String> {
        let parent = or_none(self.parent_sid.as_deref());
        [&self.sid, &self.name, &*self.kind, parent, &self.created_at].map(ToOwned::to_owned).into()
    }
}
