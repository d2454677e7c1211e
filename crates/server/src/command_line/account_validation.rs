//! How strictly the signatures of an account's webhooks are checked, and what enforcing them refuses.

use switchboard_admin::objects::{AccountObject, UnverifiedRequestsObject};
use switchboard_application_management::Edit;
use switchboard_domain::account::Account;
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::AccountSid;

use super::view::Sheet;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

/// The options of `account set`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// How strictly signatures of webhooks are checked: enforced, report, or default as in the rest of the installation
    #[arg(long = "validation", id = "validation", value_name = "MODE")]
    pub(super) mode: Option<String>,
    /// Enforce signatures although requests that Twilio sent would be refused
    #[arg(long, requires = "validation")]
    pub(super) force: bool,
}

/// Reads `--validation`.
pub(super) fn parse(text: &str) -> Result<Edit<AccountValidation>, &'static str> {
    if text == "default" {
        return Ok(Edit::Clear);
    }
    let parsed = AccountValidation::parse(text).map(Edit::Set);
    parsed.ok_or("is not a mode; use enforced, report or default")
}

/// An account for people, with what did not verify in the last 24 hours.
pub(super) fn sheet(account: &AccountObject, unverified: &[UnverifiedRequestsObject]) -> String {
    let mut text = account.sheet();
    if !unverified.is_empty() {
        text.push_str("\n\nwithout a valid signature in the last 24 hours:");
    }
    for requests in unverified {
        text.push_str("\n  ");
        text.push_str(&line(requests));
    }
    text
}

fn line(requests: &UnverifiedRequestsObject) -> String {
    let count = counted(requests.count, "request");
    let near_miss = match &requests.near_miss {
        None if requests.genuine => ", signed for a number of another account".to_owned(),
        None => String::new(),
        Some(near_miss) => {
            let url = requests.public_url.as_ref().map(|url| format!(" {url}"));
            format!(", near miss {near_miss}{}", url.unwrap_or_default())
        }
    };
    format!("{count}: {}{near_miss}", requests.reason)
}

/// Refuses to enforce signatures while requests that Twilio sent would be refused.
pub(super) async fn refuse_loss(
    installation: &Installation,
    account: &Account,
    validation: &Edit<AccountValidation>,
    force: bool,
) -> Result<(), Failure> {
    let enforcement = installation.enforcement();
    let after = validation.clone().apply(account.validation);
    if !enforcement.begins(account.validation, after) || force {
        return Ok(());
    }
    let counting = "counting the requests that would be refused";
    let unverified = enforcement.unverified(&Scope::Operator, account.sid).await;
    let unverified = unverified.doing(counting)?;
    let Some(loss) = unverified.loss() else { return Ok(()) };
    let requests: Vec<_> = unverified.requests.iter().map(UnverifiedRequestsObject::from).collect();
    Err(lossy(&loss.sentence(), &requests, account.sid))
}

/// The error of an enforcement that would lose requests of Twilio, for a reason.
pub(super) fn lossy(
    reason: &str,
    requests: &[UnverifiedRequestsObject],
    account: AccountSid,
) -> Failure {
    let genuine: Vec<_> = requests.iter().filter(|one| one.genuine).map(line).collect();
    let genuine =
        if genuine.is_empty() { String::new() } else { format!(" ({})", genuine.join("; ")) };
    Failure::refused(format!(
        "{reason}{genuine}; remove the causes, which `switchboard rejection list --account {account}` explains, or use --force"
    ))
}
