//! Templates with which an agent writes outside of `WhatsApp`'s window (Twilio, "Content API: `ContentVariables`").

use std::collections::BTreeMap;

use crate::message_template::FilledTemplate;
use crate::sid::{ContentSid, SidError};

/// Maximum number of variables.
const MAX_VARIABLES: usize = 50;
/// Maximum length of the name of a variable, in characters.
const MAX_NAME_CHARACTERS: usize = 64;
/// Maximum length of a value, in characters. A message cannot be longer.
const MAX_VALUE_CHARACTERS: usize = 1_600;
/// Stands for the text of the message in the value of a variable.
const BODY: &str = "{body}";

/// An approved template, and the values of its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatsAppTemplate {
    /// The template at Twilio.
    pub content: ContentSid,
    /// The values of its placeholders; `{body}` stands for the text of the message.
    pub variables: TemplateVariables,
}

impl WhatsAppTemplate {
    /// Parses the SID of a template, optionally with form-encoded variables after a question mark. Without them, the text
    /// of the message is the only variable.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let (content, variables) = match text.split_once('?') {
            Some((content, pairs)) => {
                let pairs = url::form_urlencoded::parse(pairs.as_bytes());
                let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned()));
                (content, TemplateVariables::new(pairs)?)
            }
            None => (text, TemplateVariables::default()),
        };
        let content = ContentSid::parse(content.trim())?;
        Ok(Self { content, variables })
    }

    /// The text that [`parse`](Self::parse) reads.
    pub fn to_text(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        let pairs = pairs.extend_pairs(self.variables.iter()).finish();
        format!("{}?{pairs}", self.content)
    }

    /// The template with the text of a message.
    pub fn filled(&self, body: &str) -> FilledTemplate {
        FilledTemplate { content: self.content, variables: self.variables.filled(body) }
    }
}

/// Variables of a template by name, for example `1`. `{body}` in a value stands for the text of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateVariables(BTreeMap<String, String>);

/// Variables are not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The SID is not valid.
    #[error(transparent)]
    Content(#[from] SidError),
    /// There are too many.
    #[error("has more than {MAX_VARIABLES} variables")]
    TooMany,
    /// The name is empty or too long, or has other characters than names have.
    #[error("has the variable {name:?}; a name has at most 64 letters, digits and `_`")]
    Name {
        /// The name of the variable.
        name: String,
    },
    /// The value is empty or too long: Twilio accepts no empty variables.
    #[error("has the variable {name:?} with an empty value or one of more than 1,600 characters")]
    Value {
        /// The name of the variable.
        name: String,
    },
}

impl TemplateVariables {
    /// Checks variables. Empty values are refused, because `WhatsApp` refuses messages with them.
    pub fn new(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, TemplateError> {
        let variables: BTreeMap<_, _> = variables.into_iter().collect();
        if variables.len() > MAX_VARIABLES {
            return Err(TemplateError::TooMany);
        }
        for (name, value) in &variables {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if name.is_empty() || name.len() > MAX_NAME_CHARACTERS || !name.bytes().all(is_name) {
                return Err(TemplateError::Name { name: name.clone() });
            }
            if value.trim().is_empty() || value.chars().count() > MAX_VALUE_CHARACTERS {
                return Err(TemplateError::Value { name: name.clone() });
            }
        }
        Ok(Self(variables))
    }

    /// Names and values, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The variables for a message with this text. Line breaks and repeated spaces become one space, because `WhatsApp`
    /// refuses them in variables.
    pub fn filled(&self, body: &str) -> Vec<(String, String)> {
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        self.iter().map(|(name, value)| (name.to_owned(), value.replace(BODY, &body))).collect()
    }
}

/// The text of the message is the only variable.
impl Default for TemplateVariables {
    fn default() -> Self {
        Self([("1".to_owned(), BODY.to_owned())].into())
    }
}

#[cfg(test)]
mod tests {
    use super::{TemplateError, TemplateVariables, WhatsAppTemplate};

    fn variables(pairs: &[(&str, &str)]) -> Result<TemplateVariables, TemplateError> {
        TemplateVariables::new(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn the_text_fills_the_variables_on_one_line() {
        let filled = |variables: &TemplateVariables| variables.filled("We are\n open.\t Come!");
        let text = "We are open. Come!".to_owned();
        assert_eq!(filled(&TemplateVariables::default()), [("1".to_owned(), text)]);
        let own = variables(&[("name", "Sales"), ("2", "Sales: {body}")]).unwrap();
        let expected = [("2", "Sales: We are open. Come!"), ("name", "Sales")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(filled(&own), expected);
    }

    #[test]
    fn a_template_is_read_back_from_its_text() {
        let sid = format!("HX{}", "a".repeat(32));
        let plain = WhatsAppTemplate::parse(&sid).unwrap();
        assert_eq!(plain.variables, TemplateVariables::default());
        let variables = variables(&[("1", "Zoë & Co?"), ("2", "{body}")]).unwrap();
        for template in [WhatsAppTemplate { variables, ..plain.clone() }, plain] {
            assert_eq!(WhatsAppTemplate::parse(&template.to_text()), Ok(template));
        }
        let none = WhatsAppTemplate::parse(&format!("{sid}?")).unwrap();
        assert_eq!(none.variables.iter().count(), 0);
        assert!(WhatsAppTemplate::parse("SM1").unwrap_err().to_string().contains("HX"));
    }

    #[test]
    fn names_and_values_that_no_template_has_are_refused() {
        let name = |name: &str| TemplateError::Name { name: name.to_owned() };
        assert_eq!(variables(&[("", "x")]), Err(name("")));
        assert_eq!(variables(&[("a b", "x")]), Err(name("a b")));
        let value = Err(TemplateError::Value { name: "1".to_owned() });
        assert_eq!(variables(&[("1", " ")]), value);
        assert_eq!(variables(&[("1", &"x".repeat(1_601))]), value);
        let many = (0..51).map(|n| (n.to_string(), "x".to_owned()));
        assert_eq!(TemplateVariables::new(many), Err(TemplateError::TooMany));
    }
}
