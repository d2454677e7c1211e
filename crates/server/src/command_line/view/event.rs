//! An event, as it is printed.

use serde::Serialize;
use switchboard_admin::objects::{EventObject, NumberDisplay};
use switchboard_domain::event::Event;

use super::or_none;
use crate::command_line::output::View;

/// An event.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct EventView {
    #[serde(flatten)]
    event: EventObject,
    #[serde(skip)]
    subject: String,
}

impl EventView {
    pub(in crate::command_line) fn of(event: &Event, phone_numbers: NumberDisplay) -> Self {
        Self { event: EventObject::of(event, phone_numbers), subject: event.subject.clone() }
    }
}

impl View for EventView {
    const COLUMNS: &'static [&'static str] =
        &["AT", "ID", "TYPE", "FROM", "TO", "SUBJECT", "DETAIL"];

    const WHOLE: &'static [usize] = &[0, 1];

    const OPTIONAL: &'static [usize] = &[6, 5];

    fn cells(&self) -> Vec<String> {
        let event = &self.event;
        let detail = ["outcome", "state", "status", "reason"];
        let detail = detail.into_iter().find_map(|name| event.text(name));
        vec![
            event.timestamp.clone(),
            event.id.clone(),
            event.kind.to_owned(),
            or_none(event.text("from")).to_owned(),
            or_none(event.text("to")).to_owned(),
            self.subject.clone(),
            or_none(detail).to_owned(),
        ]
    }
}
