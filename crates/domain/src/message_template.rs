//! Templates of messages (Twilio, "Content resource").

use std::fmt;

use crate::sid::{ContentSid, SidError};

/// A template with its variables.
#[derive(Clone, PartialEq, Eq)]
pub struct FilledTemplate {
    /// The template.
    pub content: ContentSid,
    /// The names and values of its variables.
    pub variables: Vec<(String, String)>,
}

impl FilledTemplate {
    /// Parses the SID of a template and its form-encoded variables, separated by a question mark.
    pub fn parse(text: &str) -> Result<Self, SidError> {
        let (content, pairs) = text.split_once('?').unwrap_or((text, ""));
        let pairs = url::form_urlencoded::parse(pairs.as_bytes());
        let variables = pairs.map(|(name, value)| (name.into_owned(), value.into_owned()));
        Ok(Self { content: ContentSid::parse(content)?, variables: variables.collect() })
    }

    /// The text that [`parse`](Self::parse) reads.
    pub fn to_text(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        format!("{}?{}", self.content, pairs.extend_pairs(&self.variables).finish())
    }
}

/// Shows only the SID, because the variables contain the text of a message.
impl fmt::Debug for FilledTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilledTemplate").field("content", &self.content).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::FilledTemplate;
    use crate::sid::ContentSid;

    #[test]
    fn a_template_is_read_back_from_its_text() {
        let content = ContentSid::parse(&format!("HX{}", "a".repeat(32))).unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for variables in [vec![], vec![pair("1", "12:30 & ?=é"), pair("name", "Jo")]] {
            let template = FilledTemplate { content, variables };
            assert_eq!(FilledTemplate::parse(&template.to_text()), Ok(template));
        }
        assert!(FilledTemplate::parse("SM1?1=a").is_err());
    }
}
