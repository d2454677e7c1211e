//! The fields of events.

use std::collections::BTreeMap;

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventValue {
    /// It is not known, or there is none.
    None,
    /// A number.
    Number(i64),
    /// A text, which contains no address of a contact.
    Text(String),
}

impl From<&str> for EventValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for EventValue {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for EventValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

/// The fields of an event, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventData(BTreeMap<String, EventValue>);

impl EventData {
    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<EventValue>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The fields, ordered by their names.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &EventValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The text of a field, if it has one.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            EventValue::Text(text) => Some(text),
            EventValue::None | EventValue::Number(_) => None,
        }
    }
}
