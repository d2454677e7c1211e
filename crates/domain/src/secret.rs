//! Secret text, such as tokens and keys, that must not appear in logs or output.

use std::fmt;

use zeroize::Zeroizing;

/// A secret text. It has no `Display` and cannot be serialized; `Debug` prints `[redacted]`, and the memory is zeroed on
/// drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Every call deserves attention in a code review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_does_not_show_the_secret() {
        let shown = format!("{:?}", Secret::new("deadbeef".to_owned()));
        assert_eq!(shown, "[redacted]");
    }
}
