//! The fields of events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_domain::event::{EventData, EventValue};
use switchboard_domain::ports::StoreError;

use super::shape::{JsonError, read, write};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ValueJson {
    Number(i64),
    Text(String),
}

/// Reads the fields.
pub(crate) fn read_event_data(text: &str) -> Result<EventData, JsonError> {
    let fields = read::<BTreeMap<String, Option<ValueJson>>>(text)?;
    Ok(fields.into_iter().fold(EventData::default(), |data, (name, value)| {
        let value = match value {
            None => EventValue::None,
            Some(ValueJson::Number(number)) => EventValue::Number(number),
            Some(ValueJson::Text(text)) => EventValue::Text(text),
        };
        data.with(&name, value)
    }))
}

/// Writes the fields.
pub(crate) fn write_event_data(data: &EventData) -> Result<String, StoreError> {
    let value = |value: &EventValue| match value {
        EventValue::None => None,
        EventValue::Number(number) => Some(ValueJson::Number(*number)),
        EventValue::Text(text) => Some(ValueJson::Text(text.clone())),
    };
    let fields: BTreeMap<_, _> = data.fields().map(|(name, of)| (name, value(of))).collect();
    write("event.add", &fields)
}
