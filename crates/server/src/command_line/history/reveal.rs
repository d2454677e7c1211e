//! The option that shows phone numbers.

use clap::Args;
use switchboard_admin::objects::NumberDisplay;

use crate::command_line::remote::Resource;

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

    /// The same for a resource of the API.
    pub(super) fn select(self, resource: Resource) -> Resource {
        if self.reveal { resource.with("reveal", "true") } else { resource }
    }
}
