//! `switchboard webhooks …`: checks, plans, fixes and restores the webhook configuration of numbers.

mod fix;
mod plan;
mod plan_file;
mod restore;

use clap::{Args, Subcommand};
use switchboard_application_carrier::configuration::Selection;
use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::sender::Sender;

use super::input::{given_account, parse};
use super::output::Format;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::settings::Settings;

pub(super) use plan_file::{change_lines, explained};
pub(crate) use restore::Force;
pub(super) use restore::restored_lines;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the numbers whose configuration at Twilio differs from the desired one (drift); exit code 3 if there are any
    #[command(
        after_help = "Examples:\n  switchboard webhooks check\n  switchboard webhooks check --account AC0123456789abcdef0123456789abcdef --json"
    )]
    Check(Look),
    /// Show each change that is needed at Twilio, and why; exit code 3 if there are any
    #[command(
        after_help = "Examples:\n  switchboard webhooks plan\n  switchboard webhooks plan --take-over --out plan.json"
    )]
    Plan(plan::PlanOptions),
    /// Fix the configuration of numbers at Twilio
    Fix(fix::Fix),
    /// Restore the previous configuration at Twilio; numbers stay assigned
    Restore(restore::Restore),
}

/// The numbers to work on.
#[derive(Clone, Debug, Args)]
pub(super) struct Selected {
    /// Only this number
    #[arg(conflicts_with = "account")]
    number: Option<String>,
    /// Only numbers of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

impl Selected {
    const fn is_everything(&self) -> bool {
        self.number.is_none() && self.account.is_none()
    }

    async fn selection(&self, installation: &Installation) -> Result<Selection, Failure> {
        if let Some(text) = &self.number {
            return parse("the number", text, Sender::parse_typed).map(Selection::Number);
        }
        let account = given_account(installation, "--account", self.account.as_deref()).await?;
        Ok(account.map_or(Selection::All, Selection::Account))
    }
}

/// What to do about trunks, applications and Messaging Services that override the URLs of a number.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct TakeOver {
    /// Clear a SIP trunk, TwiML application or Messaging Service that overrides the URLs of a number
    #[arg(long)]
    take_over: bool,
}

impl TakeOver {
    pub(crate) const fn overrides(self) -> OverridePolicy {
        if self.take_over { OverridePolicy::TakeOver } else { OverridePolicy::Report }
    }
}

#[derive(Clone, Debug, Args)]
pub(super) struct Look {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Check(look) => plan::check(settings, look).await,
        Command::Plan(plan) => plan::run(settings, plan).await,
        Command::Fix(fix) => fix::run(settings, fix).await,
        Command::Restore(restore) => restore::run(settings, restore).await,
    }
}
