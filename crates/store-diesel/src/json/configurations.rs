//! The stored form of configurations: JSON with the names that fields have at Twilio.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_domain::configuration::{AdoptedConfiguration, Configuration, Field};
use switchboard_domain::ports::StoreError;
use switchboard_domain::sid::{NumberSid, SenderSid, ServiceSid, SidError};

use super::shape::{JsonError, read, write};

/// The stored form of an adopted configuration.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdoptedJson {
    number_sid: String,
    sender_sid: Option<String>,
    service_sid: Option<String>,
    before: ConfigurationJson,
    ours: ConfigurationJson,
}

/// Values by the names of their fields.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct ConfigurationJson(BTreeMap<String, String>);

/// Reads what was taken over.
pub(crate) fn read_adopted(text: &str) -> Result<AdoptedConfiguration, JsonError> {
    AdoptedConfiguration::try_from(read::<AdoptedJson>(text)?)
}

/// Reads the values of some fields.
pub(crate) fn read_configuration(text: &str) -> Result<Configuration, JsonError> {
    Configuration::try_from(read::<ConfigurationJson>(text)?)
}

/// Writes what was taken over.
pub(crate) fn write_adopted(adopted: &AdoptedConfiguration) -> Result<String, StoreError> {
    write("configuration.take", &AdoptedJson::from(adopted))
}

/// Writes the values of some fields.
pub(crate) fn write_configuration(configuration: &Configuration) -> Result<String, StoreError> {
    write("configuration.observe", &ConfigurationJson::from(configuration))
}

impl From<&Configuration> for ConfigurationJson {
    fn from(configuration: &Configuration) -> Self {
        let owned = |(field, value): (Field, &str)| (field.as_str().to_owned(), value.to_owned());
        Self(configuration.iter().map(owned).collect())
    }
}

impl TryFrom<ConfigurationJson> for Configuration {
    type Error = JsonError;

    fn try_from(json: ConfigurationJson) -> Result<Self, JsonError> {
        let known = |(name, value): (String, String)| match Field::parse(&name) {
            Some(field) => Ok((field, value)),
            None => Err(JsonError::Field { name }),
        };
        json.0.into_iter().map(known).collect()
    }
}

impl From<&AdoptedConfiguration> for AdoptedJson {
    fn from(adopted: &AdoptedConfiguration) -> Self {
        Self {
            number_sid: adopted.number.as_str().to_owned(),
            sender_sid: adopted.sender.map(|sid| sid.as_str().to_owned()),
            service_sid: adopted.service.map(|sid| sid.as_str().to_owned()),
            before: ConfigurationJson::from(&adopted.before),
            ours: ConfigurationJson::from(&adopted.ours),
        }
    }
}

impl TryFrom<AdoptedJson> for AdoptedConfiguration {
    type Error = JsonError;

    fn try_from(json: AdoptedJson) -> Result<Self, JsonError> {
        Ok(Self {
            number: sid("number_sid", NumberSid::parse(&json.number_sid))?,
            sender: optional_sid("sender_sid", json.sender_sid, SenderSid::parse)?,
            service: optional_sid("service_sid", json.service_sid, ServiceSid::parse)?,
            before: json.before.try_into()?,
            ours: json.ours.try_into()?,
        })
    }
}

fn sid<T>(key: &'static str, parsed: Result<T, SidError>) -> Result<T, JsonError> {
    parsed.map_err(|source| JsonError::Sid { key, source })
}

fn optional_sid<T>(
    key: &'static str,
    text: Option<String>,
    parse: impl FnOnce(&str) -> Result<T, SidError>,
) -> Result<Option<T>, JsonError> {
    text.map(|text| sid(key, parse(&text))).transpose()
}

#[cfg(test)]
mod tests {
    use switchboard_domain::configuration::{AdoptedConfiguration, Configuration, Field};
    use switchboard_domain::sid::{NumberSid, SenderSid};

    use super::{read_adopted, read_configuration, write_adopted, write_configuration};
    use crate::json::shape::JsonError;

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    fn adopted() -> AdoptedConfiguration {
        AdoptedConfiguration {
            number: NumberSid::parse(&format!("PN{DIGITS}")).unwrap(),
            sender: Some(SenderSid::parse(&format!("XE{DIGITS}")).unwrap()),
            service: None,
            before: Configuration::new().with(Field::VoiceUrl, "https://old?a=\"1\""),
            ours: Configuration::new().with(Field::SenderCallbackUrl, ""),
        }
    }

    #[test]
    fn what_was_taken_is_kept_by_the_names_that_fields_have_at_the_carrier() {
        let text = write_adopted(&adopted()).unwrap();
        let expected = format!(
            r#"{{"number_sid":"PN{DIGITS}","sender_sid":"XE{DIGITS}","service_sid":null,"before":{{"voice_url":"https://old?a=\"1\""}},"ours":{{"sender.callback_url":""}}}}"#
        );
        assert_eq!(text, expected);
        assert_eq!(read_adopted(&text).unwrap(), adopted());
    }

    #[test]
    fn every_field_is_read_as_it_is_written() {
        let all: Configuration =
            Field::ALL.into_iter().map(|field| (field, format!("{field}\u{0} é"))).collect();
        assert_eq!(read_configuration(&write_configuration(&all).unwrap()).unwrap(), all);
        let none = Configuration::new();
        assert_eq!(read_configuration(&write_configuration(&none).unwrap()).unwrap(), none);
    }

    #[test]
    fn a_field_that_is_not_known_is_named_and_not_lost() {
        let error = read_configuration(r#"{"voice_url":"","colour":"red"}"#).unwrap_err();
        assert!(matches!(error, JsonError::Field { name } if name == "colour"));
        let text = write_adopted(&adopted()).unwrap();
        let newer = text.replace("\"ours\"", "\"address_sid\":null,\"ours\"");
        assert!(matches!(read_adopted(&newer), Err(JsonError::Shape { .. })));
    }

    #[test]
    fn what_is_wrong_is_reported_without_any_value() {
        let text = write_adopted(&adopted()).unwrap();
        let wrong_sid = read_adopted(&text.replace("XE0", "XX0")).unwrap_err();
        assert_eq!(wrong_sid.to_string(), "has a sender_sid that cannot be read");
        for text in [r#""https://u:s3cret@h""#, r#"{"voice_url":["s3cret"]}"#, "s3cret", ""] {
            let error = read_configuration(text).unwrap_err();
            assert!(matches!(error, JsonError::Shape { .. }));
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }
}
