//! The option that shows phone numbers.

use clap::Args;
use switchboard_admin::objects::PhoneNumbers;

/// Whether phone numbers are shown.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Reveal {
    /// Show full phone numbers
    #[arg(long)]
    reveal: bool,
}

impl Reveal {
    pub(super) const fn phone_numbers(self) -> PhoneNumbers {
        if self.reveal { PhoneNumbers::Revealed } else { PhoneNumbers::Masked }
    }
}
