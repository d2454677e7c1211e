//! API keys, as they are printed for people.

use switchboard_admin::objects::ApiKeyObject;

use super::or_none;
use crate::command_line::output::View;

impl View for ApiKeyObject {
    const COLUMNS: &'static [&'static str] =
        &["ID", "NAME", "SCOPES", "STATE", "EXPIRES", "LAST USED", "ORGANIZATION"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.name.clone(),
            self.scopes.join(","),
            self.state.to_string(),
            or_none(self.expires_at.as_deref()).to_owned(),
            or_none(self.last_used_at.as_deref()).to_owned(),
            self.organization.as_deref().unwrap_or("(all)").to_owned(),
        ]
    }
}
