//! Values of fields.

use std::collections::BTreeMap;
use std::fmt;

use super::{Field, Part};

/// Values of some fields. Other fields are unspecified; an empty value means that the field is not set at Twilio. `Debug`
/// shows only the names of the fields, because URLs can contain secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Configuration(BTreeMap<Field, String>);

impl Configuration {
    /// A configuration without fields.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The value of a field, if it is specified.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }

    /// This configuration with another value of one field.
    #[must_use]
    pub fn with(mut self, field: Field, value: impl Into<String>) -> Self {
        self.0.insert(field, value.into());
        self
    }

    /// Fields and values, in the order in which fields are shown.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        self.0.iter().map(|(field, value)| (*field, value.as_str()))
    }

    /// The fields of one resource.
    #[must_use]
    pub fn of(&self, part: Part) -> Self {
        self.iter().filter(|(field, _)| field.part() == part).collect()
    }

    /// Whether no field is specified.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The count of specified fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// These fields, and those of the other configuration that are not specified here.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        for (field, value) in other.iter() {
            self.0.entry(field).or_insert_with(|| value.to_owned());
        }
        self
    }
}

impl<V: Into<String>> FromIterator<(Field, V)> for Configuration {
    fn from_iter<T: IntoIterator<Item = (Field, V)>>(fields: T) -> Self {
        Self(fields.into_iter().map(|(field, value)| (field, value.into())).collect())
    }
}

impl<V: Into<String>> Extend<(Field, V)> for Configuration {
    fn extend<T: IntoIterator<Item = (Field, V)>>(&mut self, fields: T) {
        self.0.extend(fields.into_iter().map(|(field, value)| (field, value.into())));
    }
}

impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(field, value): (Field, &str)| {
            (field.as_str(), if value.is_empty() { "" } else { "…" })
        };
        f.debug_map().entries(self.iter().map(shown)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Configuration;
    use crate::configuration::{Field, Part};

    #[test]
    fn what_is_said_first_stands() {
        let ours = Configuration::new().with(Field::VoiceUrl, "https://a");
        let other = Configuration::new().with(Field::VoiceUrl, "https://b").with(Field::SmsUrl, "");
        let both = ours.or(&other);
        assert_eq!(both.get(Field::VoiceUrl), Some("https://a"));
        assert_eq!(both.get(Field::SmsUrl), Some(""));
        assert_eq!(both.get(Field::TrunkSid), None);
    }

    #[test]
    fn each_resource_has_its_own_fields() {
        let all: Configuration = Field::ALL.into_iter().map(|field| (field, "x")).collect();
        let parts = [Part::Number, Part::Sender, Part::Service];
        assert_eq!(parts.map(|part| all.of(part).len()).iter().sum::<usize>(), all.len());
        assert_eq!(all.of(Part::Service).len(), 1);
    }

    #[test]
    fn debug_shows_no_url() {
        let configuration = Configuration::new().with(Field::VoiceUrl, "https://u:s3cret@h");
        assert_eq!(format!("{configuration:?}"), r#"{"voice_url": "…"}"#);
    }
}
