//! Accounts and numbers at Twilio, as they are printed.

use serde::Serialize;
use switchboard_application_carrier::adopt::{
    AccountDiff, AccountFinding, Adopted, Discovery, Inventory, NumberDiff, NumberFinding,
    Proposal, UrlOwner,
};
use switchboard_domain::sid::AccountSid;

use crate::command_line::output::View;
use crate::command_line::remedies;

const NONE: &str = "-";

/// Why an account could not be read, and what to do about it.
pub(super) fn error(account: &AccountFinding) -> Option<String> {
    match &account.inventory {
        Inventory::Unreachable(error) => Some(remedies::sentence(error.as_ref())),
        Inventory::Listed(_) | Inventory::Inactive => None,
    }
}

/// Everything, as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    accounts: Vec<AccountRow>,
    numbers: Vec<NumberRow>,
    unknown_agents: Vec<String>,
    imported: Option<Imported>,
}

/// What was imported.
#[derive(Debug, Serialize)]
struct Imported {
    accounts: usize,
    statuses: usize,
    numbers: usize,
    senders: usize,
    assigned: usize,
}

impl Report {
    pub(super) fn of(discovery: &Discovery, adopted: Option<Adopted>) -> Self {
        let numbers = discovery.numbers();
        Self {
            accounts: discovery.accounts.iter().map(AccountRow::of).collect(),
            numbers: numbers.map(|(account, number)| NumberRow::of(account.sid, number)).collect(),
            unknown_agents: discovery.unknown_agents().into_iter().map(str::to_owned).collect(),
            imported: adopted.map(|adopted| {
                let Adopted { accounts, statuses, numbers, senders, assigned } = adopted;
                Imported { accounts, statuses, numbers, senders, assigned }
            }),
        }
    }
}

/// An account. The counts are `None` if it is inactive or could not be read.
#[derive(Debug, Serialize)]
pub(super) struct AccountRow {
    sid: String,
    name: String,
    parent_sid: Option<String>,
    status: Option<&'static str>,
    state: &'static str,
    numbers: Option<usize>,
    services: Option<usize>,
    senders: Option<usize>,
    error: Option<String>,
}

impl AccountRow {
    pub(super) fn of(account: &AccountFinding) -> Self {
        let contents = match &account.inventory {
            Inventory::Listed(contents) => Some(contents),
            Inventory::Inactive | Inventory::Unreachable(_) => None,
        };
        // A number that is gone at Twilio is stored here only.
        let is_there = |number: &&NumberFinding| {
            number.diff != NumberDiff::Gone && number.sender.as_number().is_some()
        };
        let numbers = |numbers: &[NumberFinding]| numbers.iter().filter(is_there).count();
        Self {
            sid: account.sid.to_string(),
            name: account.name.clone(),
            parent_sid: account.parent.map(|parent| parent.to_string()),
            status: account.status.map(switchboard_domain::carrier::AccountStatus::as_str),
            state: match account.diff {
                AccountDiff::New => "new",
                AccountDiff::Known(_) => "known",
                AccountDiff::Gone => "gone",
            },
            numbers: contents.map(|contents| numbers(&contents.numbers)),
            services: contents.map(|contents| contents.services),
            senders: contents.map(|contents| contents.senders),
            error: error(account),
        }
    }
}

impl View for AccountRow {
    const COLUMNS: &'static [&'static str] =
        &["ACCOUNT", "NAME", "STATUS", "STATE", "NUMBERS", "SERVICES", "SENDERS"];

    fn cells(&self) -> Vec<String> {
        let count = |count: Option<usize>| match count {
            Some(count) => count.to_string(),
            None if self.error.is_some() => "unreachable".to_owned(),
            None => NONE.to_owned(),
        };
        vec![
            self.sid.clone(),
            self.name.clone(),
            self.status.unwrap_or(NONE).to_owned(),
            self.state.to_owned(),
            count(self.numbers),
            count(self.services),
            count(self.senders),
        ]
    }
}

/// A number. `legacy` is a URL that names its agent, as the legacy system wrote them.
#[derive(Debug, Serialize)]
pub(super) struct NumberRow {
    phone_number: String,
    account_sid: String,
    state: &'static str,
    /// The account that it is stored with, if that is another one.
    stored_account_sid: Option<String>,
    voice: &'static str,
    messages: &'static str,
    whatsapp: Option<&'static str>,
    rcs: Option<&'static str>,
    agent: ProposalView,
}

impl NumberRow {
    pub(super) fn of(account: AccountSid, number: &NumberFinding) -> Self {
        let word = |destination: &Option<UrlOwner>| destination.as_ref().map(UrlOwner::as_str);
        Self {
            phone_number: number.sender.as_str().to_owned(),
            account_sid: account.to_string(),
            state: match number.diff {
                NumberDiff::New => "new",
                NumberDiff::Known => "known",
                NumberDiff::Moved(_) => "moved",
                NumberDiff::Gone => "gone",
            },
            stored_account_sid: match number.diff {
                NumberDiff::Moved(stored) => Some(stored.to_string()),
                _ => None,
            },
            voice: number.voice.as_str(),
            messages: number.messages.as_str(),
            whatsapp: word(&number.whatsapp),
            rcs: word(&number.rcs),
            agent: ProposalView::of(&number.proposal),
        }
    }
}

impl View for NumberRow {
    const COLUMNS: &'static [&'static str] =
        &["NUMBER", "ACCOUNT", "STATE", "CALLS", "MESSAGES", "SENDERS", "AGENT"];

    fn cells(&self) -> Vec<String> {
        let senders = [("whatsapp", self.whatsapp), ("rcs", self.rcs)];
        let senders: Vec<_> = senders
            .into_iter()
            .filter_map(|(channel, word)| Some(format!("{channel} {}", word?)))
            .collect();
        vec![
            self.phone_number.clone(),
            self.account_sid.clone(),
            self.state.to_owned(),
            self.voice.to_owned(),
            self.messages.to_owned(),
            if senders.is_empty() { NONE.to_owned() } else { senders.join(", ") },
            self.agent.to_string(),
        ]
    }
}

/// The agent that could answer a number.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ProposalView {
    Nobody,
    Answered,
    Agent { id: String, external_id: Option<String>, name: String, channels: String },
    Unknown { external_id: String },
    Several { external_ids: Vec<String> },
    Unfit,
}

impl ProposalView {
    fn of(proposal: &Proposal) -> Self {
        match proposal {
            Proposal::NoLegacyUrl => Self::Nobody,
            Proposal::Assigned => Self::Answered,
            Proposal::Agent(agent, channels) => Self::Agent {
                id: agent.id.to_string(),
                external_id: agent.external_id.as_ref().map(|id| id.as_str().to_owned()),
                name: agent.name.as_str().to_owned(),
                channels: channels.to_string(),
            },
            Proposal::Unknown(id) => Self::Unknown { external_id: id.clone() },
            Proposal::Ambiguous(ids) => Self::Several { external_ids: ids.clone() },
            Proposal::Unsupported => Self::Unfit,
        }
    }
}

impl std::fmt::Display for ProposalView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nobody => f.write_str(NONE),
            Self::Answered => f.write_str("assigned"),
            Self::Agent { name, channels, .. } => write!(f, "{name} for {channels}"),
            Self::Unknown { external_id } => write!(f, "unknown: {external_id}"),
            Self::Several { external_ids } => write!(f, "several: {}", external_ids.join(", ")),
            Self::Unfit => f.write_str("the number cannot carry the channel of its old URL"),
        }
    }
}
