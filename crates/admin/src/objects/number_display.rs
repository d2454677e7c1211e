//! Whether the phone numbers of contacts are shown.

/// How phone numbers and other addresses of contacts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberDisplay {
    /// All but their last two characters are masked.
    Masked,
    /// In full, as Twilio writes them.
    Revealed,
}
