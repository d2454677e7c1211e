//! Documents as text: what an operator wrote, or the canonical form that is stored.

use std::fmt;
use std::ops::Deref;

/// Defines a document that is text. It can contain phone numbers, so `Debug` shows only its length.
macro_rules! document {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(document: $name) -> Self {
                document.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} bytes", self.0.len())
            }
        }
    };
}

document! {
    /// The document of a routing plan. [`PlanCodec`](crate::ports::PlanCodec) decodes it; until then it can contain mistakes.
    PlanDocument
}

document! {
    /// The document of an agent's hours. [`PlanCodec`](crate::ports::PlanCodec) decodes it; until then it can contain
    /// mistakes.
    HoursDocument
}

#[cfg(test)]
mod tests {
    use super::{HoursDocument, PlanDocument};

    #[test]
    fn debug_shows_only_the_length() {
        let document = PlanDocument::from(r#"{"callers":["+14155550142"]}"#);
        assert_eq!(format!("{document:?}"), "28 bytes");
        assert_eq!(format!("{:?}", Some(HoursDocument::from("{}"))), "Some(2 bytes)");
    }
}
