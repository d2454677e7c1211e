//! Templates of messages (Twilio, "Content resource").

use std::fmt;

use crate::sid::ContentSid;

/// A template with its variables.
#[derive(Clone, PartialEq, Eq)]
pub struct FilledTemplate {
    /// The template.
    pub content: ContentSid,
    /// The names and values of its variables.
    pub variables: Vec<(String, String)>,
}

/// Shows only the SID, because the variables contain the text of a message.
impl fmt::Debug for FilledTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilledTemplate").field("content", &self.content).finish_non_exhaustive()
    }
}
