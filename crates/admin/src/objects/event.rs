//! An event as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use switchboard_domain::address::Address;
use switchboard_domain::event::{Event, EventValue};
use utoipa::ToSchema;

use super::party::address;
use super::{NumberDisplay, instant};

/// An event.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Event)]
pub struct EventObject {
    /// Its id.
    pub id: String,
    /// Its type, for example `call.ended`.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// When it happened.
    #[schema(format = DateTime)]
    pub timestamp: String,
    /// What happened: fields of its type, and the organization, account, direction and addresses.
    pub data: Map<String, Value>,
}

impl EventObject {
    /// Renders an event.
    pub fn of(event: &Event, phone_numbers: NumberDisplay) -> Self {
        let shown = |side: &Option<Address>| side.as_ref().map(|side| address(side, phone_numbers));
        let text = |text: &str| Value::from(text);
        let mut data: Map<_, _> =
            event.data.fields().map(|(name, of)| (name.to_owned(), value(of))).collect();
        data.insert("organization".to_owned(), text(event.organization.as_str()));
        data.insert("account_sid".to_owned(), text(event.account.as_str()));
        data.insert("direction".to_owned(), text(event.direction.as_str()));
        data.insert("from".to_owned(), shown(&event.from).into());
        data.insert("to".to_owned(), shown(&event.to).into());
        Self {
            id: event.id.to_string(),
            kind: event.kind.as_str().into(),
            timestamp: instant(event.at),
            data,
        }
    }

    /// A field of `data` that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Value::as_str)
    }
}

fn value(value: &EventValue) -> Value {
    match value {
        EventValue::None => Value::Null,
        EventValue::Number(number) => Value::from(*number),
        EventValue::Text(text) => Value::from(text.as_str()),
    }
}
