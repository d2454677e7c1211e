//! `switchboard erase`

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use serde::Serialize;
use switchboard_admin::party::Party;
use switchboard_domain::counted::counted;
use switchboard_domain::erasure::{ErasureCounts, Mention};
use switchboard_domain::organization::Scope;

use super::confirmation::Confirmation;
use super::input::parse;
use super::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard erase +14155550199 --dry-run\n  switchboard erase +14155550199 --yes\n  \
    switchboard erase whatsapp:US.123456\n  switchboard erase client:jo\n  switchboard erase sip:jo@example.com\n\n\
    Calls and messages are kept for statistics, without the contact: their addresses, what Twilio reported about the \
    caller, and the texts of messages are erased. A phone number is erased on every channel. Twilio's own records and \
    your backups are not changed."
)]
pub(super) struct Options {
    /// The contact: a phone number, or another address as Twilio writes it
    #[arg(value_name = "CONTACT")]
    contact: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

/// What was erased, and what is left.
#[derive(Debug, Serialize)]
struct Report {
    calls: u64,
    messages: u64,
    deliveries: u64,
    conversations: u64,
    list_entries: u64,
    /// The senders for which the contact opted out or in, which are kept.
    kept_consents: u64,
    remaining: Vec<String>,
}

pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    const ERASING: &str = "erasing the contact";
    let Options { contact, confirmation, format } = options;
    let address = parse("the contact", &contact, Party::parse)?.address;
    let installation = Installation::open(settings).await?;
    let erasing = installation.erasing();
    let known = erasing.find(&Scope::Operator, &address).await.doing(ERASING)?;
    let remaining: Vec<_> = known.mentions.iter().map(remaining).collect();
    let mut impact = vec![format!("erases the contact from {}", sentence(known.counts))];
    impact.extend(kept(known.consents));
    impact.extend(remaining.iter().map(|left| format!("does not change {left}")));
    if !confirmation.allows_deletion(known.counts.total(), &impact, format)? {
        return Ok(());
    }
    let is_shown = std::io::stderr().is_terminal();
    let total = known.counts.total();
    let erased = erasing
        .erase(&Scope::Operator, &known, |erased| {
            if is_shown {
                // If standard error is closed, there is nowhere to report that.
                let _written = write!(std::io::stderr(), "\r{} of {total} erased", erased.total());
            }
        })
        .await
        .doing(ERASING)?;
    if is_shown && erased.total() > 0 {
        let _written = writeln!(std::io::stderr());
    }
    let report = Report {
        calls: erased.calls,
        messages: erased.messages,
        deliveries: erased.deliveries,
        conversations: erased.conversations,
        list_entries: erased.list_entries,
        kept_consents: known.consents,
        remaining,
    };
    format.print(&report, || {
        let mut text = format!("erased the contact from {}", sentence(erased));
        if let Some(kept) = kept(report.kept_consents) {
            text.push('\n');
            text.push_str(&kept);
        }
        for left in &report.remaining {
            text.push_str("\nnot erased: ");
            text.push_str(left);
        }
        text
    })?;
    // A script must not take the contact for erased.
    if report.remaining.is_empty() { Ok(()) } else { Err(Failure::Reported) }
}

fn sentence(counts: ErasureCounts) -> String {
    let deliveries = match counts.deliveries {
        0 => String::new(),
        1 => ", 1 delivery".to_owned(),
        count => format!(", {count} deliveries"),
    };
    let conversations = match counts.conversations {
        0 => String::new(),
        count => format!(", {}", counted(count, "conversation")),
    };
    format!(
        "{}, {}{deliveries}{conversations} and {}",
        counted(counts.calls, "call"),
        counted(counts.messages, "message"),
        counted(counts.list_entries, "number list")
    )
}

/// What is kept of the contact, if there is any.
fn kept(consents: u64) -> Option<String> {
    (consents > 0).then(|| {
        let consents = counted(consents, "consent");
        format!("keeps {consents} of the contact, so that it gets no unwanted messages later")
    })
}

/// What names the contact and decides calls, with what to do about it.
fn remaining(mention: &Mention) -> String {
    match mention {
        Mention::OnlyEntry { organization, list } => format!(
            "the list {:?} of {organization}, which has no other number; change or remove it with `switchboard route list`",
            list.as_str()
        ),
        Mention::Plan { organization, plan, version } => format!(
            "version {version} of the routing plan {:?} of {organization}, whose document names the contact; save the plan without the contact",
            plan.as_str()
        ),
    }
}
