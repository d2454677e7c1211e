//! Organizations, as they are printed for people.

use switchboard_admin::objects::OrganizationObject;

use super::{Sheet, sheet};
use crate::command_line::output::View;

impl Sheet for OrganizationObject {
    fn sheet(&self) -> String {
        sheet(&[("Organization", &self.id), ("Name", &self.name), ("Added", &self.created_at)])
    }
}

impl View for OrganizationObject {
    const COLUMNS: &'static [&'static str] = &["ID", "NAME", "ADDED"];

    fn cells(&self) -> Vec<String> {
        vec![self.id.clone(), self.name.clone(), self.created_at.clone()]
    }
}
