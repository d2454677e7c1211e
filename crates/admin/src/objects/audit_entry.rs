//! An entry of the audit log as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use switchboard_domain::audit::{Actor, AuditEntry, FieldValue, Fields};
use switchboard_domain::phone_number::Masked;
use utoipa::ToSchema;

use super::{NumberDisplay, instant};

/// The fewest digits after a plus sign that are masked as a phone number.
const MIN_DIGITS: usize = 7;

/// Who looks at the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditReader {
    /// An operator, who sees everything.
    Operator,
    /// An organization. It does not see which operator changed its objects, and from where.
    Organization,
}

/// Who made a change.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditActor)]
pub struct AuditActorObject {
    /// `api_key`, `operator_key`, `command_line` or `background`.
    pub kind: Cow<'static, str>,
    /// The id of the key, the user of the command line, or the background task.
    #[schema(required)]
    pub name: Option<String>,
}

/// What was changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditedObject)]
pub struct AuditedObject {
    /// Its kind, for example `agent`.
    pub kind: Cow<'static, str>,
    /// Its id, SID or name.
    pub id: String,
}

/// A change of the configuration.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryObject {
    /// Its place in the chain, from 1, without gaps.
    pub sequence: u64,
    /// When the change was requested.
    #[schema(format = DateTime)]
    pub at: String,
    /// The organization whose configuration was changed; `null` for that of the installation.
    #[schema(required)]
    pub organization: Option<String>,
    /// Who made the change.
    pub actor: AuditActorObject,
    /// The address that the request came from; `null` for a change that came from no network.
    #[schema(required)]
    pub source: Option<String>,
    /// What was done, for example `agent.changed`.
    pub action: Cow<'static, str>,
    /// What it was done to.
    pub object: AuditedObject,
    /// The changed fields before the change; `null` for an object that was added. A secret is `set`.
    #[schema(required)]
    pub before: Option<Map<String, Value>>,
    /// The changed fields after the change; `null` for an object that was removed. A secret is `set` or `changed`.
    #[schema(required)]
    pub after: Option<Map<String, Value>>,
    /// The SHA-256 hash of the entry and of the hash of the entry before, in hexadecimal digits. `null` for the key of an
    /// organization, because the hash covers what is not shown to it.
    #[schema(required)]
    pub hash: Option<String>,
}

impl AuditEntryObject {
    /// Renders an entry.
    pub fn of(entry: &AuditEntry, phone_numbers: NumberDisplay, reader: AuditReader) -> Self {
        let record = &entry.record;
        let is_shown = match (&record.actor, reader) {
            (Actor::ApiKey(_), _) | (_, AuditReader::Operator) => true,
            (_, AuditReader::Organization) => false,
        };
        let actor = AuditActorObject {
            kind: record.actor.kind().into(),
            name: record.actor.name().filter(|_| is_shown).map(str::to_owned),
        };
        let object = AuditedObject {
            kind: record.object.kind.as_str().into(),
            id: shown(&record.object.id, phone_numbers),
        };
        Self {
            sequence: entry.sequence,
            at: instant(record.at),
            organization: record.organization.as_ref().map(ToString::to_string),
            actor,
            source: record.source.filter(|_| is_shown).map(|source| source.to_string()),
            action: record.action.as_str().into(),
            object,
            before: values(&record.before, phone_numbers),
            after: values(&record.after, phone_numbers),
            hash: (reader == AuditReader::Operator).then(|| entry.hash.to_string()),
        }
    }
}

fn values(fields: &Fields, phone_numbers: NumberDisplay) -> Option<Map<String, Value>> {
    let value = |value: &FieldValue| match value {
        FieldValue::Null => Value::Null,
        FieldValue::Text(text) => Value::from(shown(text, phone_numbers)),
        FieldValue::Integer(number) => Value::from(*number),
    };
    let fields: Map<_, _> =
        fields.iter().map(|(name, stored)| (name.clone(), value(stored))).collect();
    (!fields.is_empty()).then_some(fields)
}

/// A text, whose phone numbers are masked unless they are revealed.
fn shown(text: &str, phone_numbers: NumberDisplay) -> String {
    if phone_numbers == NumberDisplay::Revealed {
        return text.to_owned();
    }
    let mut parts = text.split('+');
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        if digits < MIN_DIGITS {
            masked.push('+');
            masked.push_str(number);
        } else {
            masked.push_str(&Masked::new(number).to_string());
        }
        masked.push_str(rest);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::{NumberDisplay, shown};

    #[test]
    fn every_phone_number_of_a_text_is_masked_unless_it_is_revealed() {
        let cases = [
            ("+14155550100", "…00"),
            ("whatsapp:+14155550142", "whatsapp:…42"),
            ("call +14155550100, or +442079460958.", "call …00, or …58."),
            ("1 + 1 = 2, C++17", "1 + 1 = 2, C++17"),
            ("", ""),
            ("é+", "é+"),
        ];
        for (text, masked) in cases {
            assert_eq!(shown(text, NumberDisplay::Masked), masked);
            assert_eq!(shown(text, NumberDisplay::Revealed), text);
        }
    }
}
