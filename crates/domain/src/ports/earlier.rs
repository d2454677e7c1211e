use std::fmt;

use async_trait::async_trait;

use super::StoreError;
use crate::phone_number::Masked;
use crate::secret::Secret;

/// What the system that users come from knows. All of it is text as it stands there, which nobody has parsed.
#[derive(Clone, Debug, Default)]
pub struct EarlierDirectory {
    /// Its chatbots, in the order of their ids.
    pub chatbots: Vec<EarlierChatbot>,
    /// Its numbers, in the order of their text.
    pub numbers: Vec<EarlierNumber>,
}

/// A chatbot of the earlier system: an agent to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierChatbot {
    /// By what numbers and old webhook URLs name it.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// What it is told to be.
    pub prompt: Option<String>,
    /// How it sounds.
    pub voice: Option<String>,
    /// What thinks for it.
    pub model: Option<String>,
}

/// A number of the earlier system. `Debug` shows the last two characters of it only.
#[derive(Clone)]
pub struct EarlierNumber {
    /// The number as it was written.
    pub phone_number: String,
    /// The id of the chatbot that answers it, if one does.
    pub chatbot: Option<String>,
    /// The subaccount that owns it, where that is not the main account.
    pub subaccount: Option<EarlierSubaccount>,
}

/// A subaccount of the earlier system. What is not written down is empty.
#[derive(Clone, Debug)]
pub struct EarlierSubaccount {
    /// Its SID.
    pub sid: String,
    /// Its auth token.
    pub token: Secret,
}

impl fmt::Debug for EarlierNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EarlierNumber")
            .field("phone_number", &format_args!("{}", Masked::new(&self.phone_number)))
            .field("chatbot", &self.chatbot)
            .field("subaccount", &self.subaccount)
            .finish()
    }
}

/// Reads the system that users come from.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EarlierSystem: Send + Sync {
    /// Everything that it knows, as of one moment. Nothing of it MUST be changed.
    async fn read(&self) -> Result<EarlierDirectory, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::{EarlierNumber, EarlierSubaccount};
    use crate::secret::Secret;

    #[test]
    fn debug_shows_neither_number_nor_token() {
        let token = Secret::new("deadbeef".to_owned());
        let number = EarlierNumber {
            phone_number: "+14155550142".to_owned(),
            chatbot: None,
            subaccount: Some(EarlierSubaccount { sid: "AC1".to_owned(), token }),
        };
        let shown = format!("{number:?}");
        assert!(shown.contains("…42") && shown.contains("AC1"), "{shown}");
        assert!(!shown.contains("4155550") && !shown.contains("deadbeef"), "{shown}");
    }
}
