//! Conversions shared by several resources.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use switchboard_domain::configuration::{Configuration, Field, Part};

/// The prefix that distinguishes the fields of senders from those of numbers.
const SENDER: &str = "sender.";

/// An optional text. Missing, `null` and empty are equivalent.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The fields of one resource by their JSON names.
pub(crate) fn configuration(part: Part, values: &Map<String, Value>) -> Configuration {
    let value = |field| values.get(json_name(field)).and_then(Value::as_str).unwrap_or_default();
    let fields = Field::ALL.into_iter().filter(|field| field.part() == part);
    fields.map(|field| (field, value(field))).collect()
}

/// The JSON name of a field.
pub(crate) fn json_name(field: Field) -> &'static str {
    field.as_str().strip_prefix(SENDER).unwrap_or(field.as_str())
}

/// The form parameter of a field, for example `VoiceUrl` for `voice_url`.
pub(crate) fn parameter(field: Field) -> String {
    let mut name = String::new();
    for word in field.as_str().split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard_domain::configuration::{Field, Part};

    use super::{configuration, json_name, parameter};

    #[test]
    fn fields_have_twilios_names() {
        for (field, json, form) in [
            (Field::VoiceUrl, "voice_url", "VoiceUrl"),
            (Field::StatusCallbackMethod, "status_callback_method", "StatusCallbackMethod"),
            (Field::VoiceApplicationSid, "voice_application_sid", "VoiceApplicationSid"),
        ] {
            assert_eq!((json_name(field), &*parameter(field)), (json, form));
        }
        assert_eq!(json_name(Field::SenderStatusCallbackUrl), "status_callback_url");
    }

    #[test]
    fn what_is_null_or_missing_is_not_set() {
        let values = json!({"voice_url": "https://a", "sms_url": null, "trunk_sid": ""});
        let configuration = configuration(Part::Number, values.as_object().unwrap());
        assert_eq!(configuration.len(), 13);
        assert_eq!(configuration.get(Field::VoiceUrl), Some("https://a"));
        for unset in [Field::SmsUrl, Field::TrunkSid, Field::VoiceMethod] {
            assert_eq!(configuration.get(unset), Some(""));
        }
    }
}
