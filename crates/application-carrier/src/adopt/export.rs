//! Exports everything that is stored, except secrets, as rows that can be imported.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, AgentState, Label, MessageTarget, VoiceTarget};
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::counted::counted;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::{Channels, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AccountRow, AccountStore, AgentRow, AgentStore, NumberFilter, NumberRow, NumberStore, Page,
    StoreError,
};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

/// Agents carry their prompts, so a page of them is smaller than one of accounts or numbers.
const AGENTS: u32 = 100;
const ROWS: u32 = 1_000;
/// How many objects an omission names.
const MAX_NAMED: usize = 5;

/// Exports accounts, agents and numbers as import rows.
pub struct ExportDirectory {
    /// Lists accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Lists agents.
    pub agents: Arc<dyn AgentStore>,
    /// Lists numbers.
    pub numbers: Arc<dyn NumberStore>,
}

/// The exported rows, and what they cannot express.
#[derive(Debug, Default)]
pub struct Exported {
    /// Accounts, without their tokens.
    pub accounts: Vec<AccountRow>,
    /// Agents with an external id.
    pub agents: Vec<AgentRow>,
    /// Numbers that are unassigned or assigned to one of these agents.
    pub numbers: Vec<NumberRow>,
    /// What the rows do not contain.
    pub omissions: Vec<Omission>,
}

/// Stored data that the rows cannot express. An import leaves such data unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Omission {
    /// Accounts with a next token, an API key, another region or another status.
    Accounts(Vec<AccountSid>),
    /// Agents without an external id, and the count of numbers assigned to them. Neither are exported.
    AgentsWithoutExternalId(Vec<AgentId>, usize),
    /// Agents with a voice target other than a stream, or a message target other than a static reply.
    Targets(Vec<Label>),
    /// Agents that are disabled.
    Disabled(Vec<Label>),
    /// The count of numbers assigned for channels other than voice and SMS.
    Channels(usize),
}

/// The external ids of agents.
#[derive(Default)]
struct ExternalIds {
    by_agent: HashMap<AgentId, Label>,
    missing: BTreeSet<AgentId>,
}

impl ExportDirectory {
    /// Exports everything in the scope.
    pub async fn export(&self, scope: &Scope) -> Result<Exported, StoreError> {
        let mut exported = Exported::default();
        self.export_accounts(scope, &mut exported).await?;
        let agents = self.export_agents(scope, &mut exported).await?;
        self.export_numbers(scope, agents, &mut exported).await?;
        Ok(exported)
    }

    async fn export_accounts(
        &self,
        scope: &Scope,
        exported: &mut Exported,
    ) -> Result<(), StoreError> {
        let mut more = Vec::new();
        let mut page = Page::first(ROWS);
        loop {
            let accounts = self.accounts.list(scope, &page).await?;
            let Some(last) = accounts.last() else { break };
            page = Page::behind(last.sid, ROWS);
            more.extend(
                accounts.iter().filter(|account| has_omissions(account)).map(|one| one.sid),
            );
            exported.accounts.extend(accounts.iter().map(account_row));
        }
        if !more.is_empty() {
            exported.omissions.push(Omission::Accounts(more));
        }
        Ok(())
    }

    async fn export_agents(
        &self,
        scope: &Scope,
        exported: &mut Exported,
    ) -> Result<ExternalIds, StoreError> {
        let mut external_ids = ExternalIds::default();
        let (mut targets, mut disabled) = (Vec::new(), Vec::new());
        let mut page = Page::first(AGENTS);
        loop {
            let agents = self.agents.list(scope, &page).await?;
            let Some(last) = agents.last() else { break };
            page = Page::behind(last.id.clone(), AGENTS);
            for agent in agents {
                let Some(external_id) = agent.profile.external_id.clone() else {
                    external_ids.missing.insert(agent.id);
                    continue;
                };
                if has_other_target(&agent) {
                    targets.push(external_id.clone());
                }
                if agent.profile.state == AgentState::Disabled {
                    disabled.push(external_id.clone());
                }
                exported.agents.push(agent_row(&agent, &external_id));
                external_ids.by_agent.insert(agent.id, external_id);
            }
        }
        exported.omissions.extend((!targets.is_empty()).then_some(Omission::Targets(targets)));
        exported.omissions.extend((!disabled.is_empty()).then_some(Omission::Disabled(disabled)));
        Ok(external_ids)
    }

    async fn export_numbers(
        &self,
        scope: &Scope,
        mut external_ids: ExternalIds,
        exported: &mut Exported,
    ) -> Result<(), StoreError> {
        let (mut left_out, mut channels) = (0, 0);
        let mut page = Page::first(ROWS);
        loop {
            let numbers = self.numbers.list(scope, &NumberFilter::default(), &page).await?;
            let Some(last) = numbers.last() else { break };
            page = Page::behind(last.phone_number, ROWS);
            for number in numbers {
                let external_id = match &number.assignment {
                    None => None,
                    Some(assignment) => match external_ids.by_agent.get(&assignment.agent) {
                        // Importing a row without its agent would unassign the number.
                        None => {
                            left_out += 1;
                            external_ids.missing.insert(assignment.agent.clone());
                            continue;
                        }
                        Some(external_id) => {
                            channels += usize::from(assignment.channels != Channels::VOICE_AND_SMS);
                            Some(external_id)
                        }
                    },
                };
                exported.numbers.push(number_row(&number, external_id));
            }
        }
        let missing: Vec<_> = external_ids.missing.into_iter().collect();
        exported.omissions.extend(
            (!missing.is_empty()).then_some(Omission::AgentsWithoutExternalId(missing, left_out)),
        );
        exported.omissions.extend((channels > 0).then_some(Omission::Channels(channels)));
        Ok(())
    }
}

fn account_row(account: &Account) -> AccountRow {
    AccountRow {
        sid: account.sid.to_string(),
        name: account.name.as_str().to_owned(),
        auth_token: Secret::new(String::new()),
        parent_sid: account.parent.map(|parent| parent.to_string()).unwrap_or_default(),
    }
}

fn agent_row(agent: &Agent, external_id: &Label) -> AgentRow {
    let profile = &agent.profile;
    let text = |label: &Option<Label>| {
        label.as_ref().map_or_else(String::new, |label| label.as_str().to_owned())
    };
    AgentRow {
        external_id: external_id.as_str().to_owned(),
        name: profile.name.as_str().to_owned(),
        prompt: agent.prompt.as_str().to_owned(),
        voice: text(&profile.voice),
        model: text(&profile.model),
        language: text(&profile.language),
        stream_url: match &profile.voice_target {
            Some(VoiceTarget::Stream(url)) => url.as_str().to_owned(),
            _ => String::new(),
        },
        reply: match &profile.message_target {
            Some(MessageTarget::Reply(reply)) => reply.as_str().to_owned(),
            _ => String::new(),
        },
        parameters: profile.parameters.to_text(),
    }
}

fn number_row(number: &Number, external_id: Option<&Label>) -> NumberRow {
    NumberRow {
        phone_number: number.phone_number.as_str().to_owned(),
        account_sid: Some(number.account.to_string()),
        account_token: None,
        agent_external_id: external_id.map(|id| id.as_str().to_owned()).unwrap_or_default(),
    }
}

fn has_omissions(account: &Account) -> bool {
    account.tokens.next.is_some()
        || account.api_key.is_some()
        || account.region != Region::default()
        || account.status != AccountStatus::default()
}

fn has_other_target(agent: &Agent) -> bool {
    let voice = agent.profile.voice_target.as_ref();
    let message = agent.profile.message_target.as_ref();
    voice.is_some_and(|target| !matches!(target, VoiceTarget::Stream(_)))
        || message.is_some_and(|target| !matches!(target, MessageTarget::Reply(_)))
}

impl fmt::Display for Omission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accounts(sids) => write!(
                f,
                "next token, API key, region or status of {}: {}",
                counted(sids.len(), "account"),
                named(sids.iter().map(AccountSid::as_str))
            ),
            Self::AgentsWithoutExternalId(ids, numbers) => write!(
                f,
                "{} without an external id, and {} assigned to them: {}",
                counted(ids.len(), "agent"),
                counted(*numbers, "number"),
                named(ids.iter().map(AgentId::as_str))
            ),
            Self::Targets(external_ids) => write!(
                f,
                "targets of {} other than a stream or a static reply: {}",
                counted(external_ids.len(), "agent"),
                named(external_ids.iter().map(Label::as_str))
            ),
            Self::Disabled(external_ids) => write!(
                f,
                "the disabled state of {}: {}",
                counted(external_ids.len(), "agent"),
                named(external_ids.iter().map(Label::as_str))
            ),
            Self::Channels(numbers) => {
                let numbers = counted(*numbers, "number");
                write!(f, "channels other than voice,sms of {numbers}")
            }
        }
    }
}

fn named<'a>(all: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = all.len().saturating_sub(MAX_NAMED);
    let text = all.take(MAX_NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

#[cfg(test)]
mod tests;
