//! Rejections, as they are printed for people.

use switchboard_admin::objects::RejectionObject;

use super::or_none;
use crate::command_line::output::View;

impl View for RejectionObject {
    const COLUMNS: &'static [&'static str] =
        &["AT", "COUNT", "ENDPOINT", "ACCOUNT", "EXAMPLE", "REASON", "WHAT TO DO"];

    const WHOLE: &'static [usize] = &[0, 3, 4];

    const OPTIONAL: &'static [usize] = &[6, 3, 1];

    fn cells(&self) -> Vec<String> {
        vec![
            self.at.clone(),
            self.count.to_string(),
            self.endpoint.to_string(),
            or_none(self.account_sid.as_deref()).to_owned(),
            or_none(self.sample_sid.as_deref()).to_owned(),
            self.reason.to_string(),
            self.remedy.clone(),
        ]
    }
}
