//! The option that shows phone numbers.

use clap::Args;
use switchboard_admin::objects::NumberDisplay;

/// Whether phone numbers are shown.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Reveal {
    /// Show full phone numbers
    #[arg(long)]
    reveal: bool,
}

impl Reveal {
    pub(super) const fn phone_numbers(self) -> NumberDisplay {
        if self.reveal { NumberDisplay::Revealed } else { NumberDisplay::Masked }
    }
}
