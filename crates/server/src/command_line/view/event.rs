//! An event, as it is printed.

use serde::Serialize;
use serde_json::{Map, Value};
use switchboard_domain::address::Address;
use switchboard_domain::event::{Event, EventValue};

use super::party::address;
use super::{instant, or_none};
use crate::command_line::output::View;

/// An event.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct EventView {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: Map<String, Value>,
    #[serde(skip)]
    from: Option<String>,
    #[serde(skip)]
    to: Option<String>,
    #[serde(skip)]
    subject: String,
    #[serde(skip)]
    detail: Option<String>,
}

impl EventView {
    pub(in crate::command_line) fn of(event: &Event, reveal: bool) -> Self {
        let shown = |side: &Option<Address>| side.as_ref().map(|side| address(side, reveal));
        let (from, to) = (shown(&event.from), shown(&event.to));
        let text = |text: &str| Value::from(text);
        let mut data: Map<_, _> =
            event.data.fields().map(|(name, of)| (name.to_owned(), value(of))).collect();
        data.insert("organization".to_owned(), text(event.organization.as_str()));
        data.insert("account_sid".to_owned(), text(event.account.as_str()));
        data.insert("direction".to_owned(), text(event.direction.as_str()));
        data.insert("from".to_owned(), from.clone().into());
        data.insert("to".to_owned(), to.clone().into());
        let detail = ["outcome", "state", "status", "reason"]
            .into_iter()
            .find_map(|name| event.data.text(name));
        Self {
            id: event.id.to_string(),
            kind: event.kind.as_str(),
            timestamp: instant(event.at),
            data,
            from,
            to,
            subject: event.subject.clone(),
            detail: detail.map(str::to_owned),
        }
    }
}

fn value(value: &EventValue) -> Value {
    match value {
        EventValue::None => Value::Null,
        EventValue::Number(number) => Value::from(*number),
        EventValue::Text(text) => Value::from(text.as_str()),
    }
}

impl View for EventView {
    const COLUMNS: &'static [&'static str] =
        &["AT", "ID", "TYPE", "FROM", "TO", "SUBJECT", "DETAIL"];

    const KEY: usize = 1;

    fn cells(&self) -> Vec<String> {
        vec![
            self.timestamp.clone(),
            self.id.clone(),
            self.kind.to_owned(),
            or_none(self.from.as_deref()).to_owned(),
            or_none(self.to.as_deref()).to_owned(),
            self.subject.clone(),
            or_none(self.detail.as_deref()).to_owned(),
        ]
    }
}
