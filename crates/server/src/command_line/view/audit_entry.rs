//! An entry of the audit log, as it is printed.

use serde::Serialize;
use switchboard_admin::objects::{AuditEntryObject, AuditReader, NumberDisplay};
use switchboard_domain::audit::AuditEntry;

use super::or_none;
use crate::command_line::output::View;

/// An entry.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct AuditEntryView {
    #[serde(flatten)]
    entry: AuditEntryObject,
    #[serde(skip)]
    actor: String,
}

impl AuditEntryView {
    pub(in crate::command_line) fn of(entry: &AuditEntry, phone_numbers: NumberDisplay) -> Self {
        Self {
            entry: AuditEntryObject::of(entry, phone_numbers, AuditReader::Operator),
            actor: entry.record.actor.to_string(),
        }
    }

    /// The names of the changed fields.
    fn fields(&self) -> String {
        let (before, after) = (&self.entry.before, &self.entry.after);
        match (before, after) {
            (Some(_), Some(after)) => {
                after.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
            }
            (None, _) | (_, None) => String::new(),
        }
    }
}

impl View for AuditEntryView {
    const COLUMNS: &'static [&'static str] =
        &["#", "AT", "ACTION", "OBJECT", "ACTOR", "SOURCE", "CHANGED"];

    const WHOLE: &'static [usize] = &[0, 1, 2];

    const OPTIONAL: &'static [usize] = &[5, 6];

    fn cells(&self) -> Vec<String> {
        let entry = &self.entry;
        let fields = self.fields();
        let changed = if fields.is_empty() { None } else { Some(fields.as_str()) };
        vec![
            entry.sequence.to_string(),
            entry.at.clone(),
            entry.action.to_owned(),
            entry.object.id.clone(),
            self.actor.clone(),
            or_none(entry.source.as_deref()).to_owned(),
            or_none(changed).to_owned(),
        ]
    }
}
