//! Everything that is kept goes out as the rows that an import reads, but for its secrets.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, AgentState, Label, MessageTarget, VoiceTarget};
use switchboard_domain::carrier::{AccountStatus, Region};
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
/// So many are named where the rows leave something unsaid.
const MOST_NAMED: usize = 5;

/// Exports accounts, agents and numbers.
pub struct ExportDirectory {
    /// Where accounts are kept.
    pub accounts: Arc<dyn AccountStore>,
    /// Where agents are kept.
    pub agents: Arc<dyn AgentStore>,
    /// Where numbers are kept.
    pub numbers: Arc<dyn NumberStore>,
}

/// Rows as an import reads them, and what they cannot say.
#[derive(Debug, Default)]
pub struct Exported {
    /// Accounts, without their tokens.
    pub accounts: Vec<AccountRow>,
    /// Agents that have an external id.
    pub agents: Vec<AgentRow>,
    /// Numbers that nobody answers, or one of these agents.
    pub numbers: Vec<NumberRow>,
    /// What is kept and the rows do not say.
    pub unsaid: Vec<Omission>,
}

/// Something that is kept and that the rows cannot say. What they do not say, an import leaves as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Omission {
    /// Next tokens, API keys, regions and statuses.
    Accounts(Vec<AccountSid>),
    /// Agents without an external id, and how many numbers they answer: all of them are left out.
    Nameless(Vec<AgentId>, usize),
    /// How agents are reached: otherwise than by a stream and a reply.
    Targets(Vec<Label>),
    /// That agents answer nothing.
    Disabled(Vec<Label>),
    /// How many numbers are answered on other channels than voice and SMS.
    Channels(usize),
}

/// Which agents have external ids.
#[derive(Default)]
struct Named {
    external_ids: HashMap<AgentId, Label>,
    nameless: BTreeSet<AgentId>,
}

impl ExportDirectory {
    /// Everything that the scope covers.
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
            more.extend(accounts.iter().filter(|account| has_more(account)).map(|one| one.sid));
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
    ) -> Result<Named, StoreError> {
        let mut named = Named::default();
        let (mut targets, mut disabled) = (Vec::new(), Vec::new());
        let mut page = Page::first(AGENTS);
        loop {
            let agents = self.agents.list(scope, &page).await?;
            let Some(last) = agents.last() else { break };
            page = Page::behind(last.id.clone(), AGENTS);
            for agent in agents {
                let Some(external_id) = agent.profile.external_id.clone() else {
                    named.nameless.insert(agent.id);
                    continue;
                };
                if has_other_target(&agent) {
                    targets.push(external_id.clone());
                }
                if agent.profile.state == AgentState::Disabled {
                    disabled.push(external_id.clone());
                }
                exported.agents.push(agent_row(&agent, &external_id));
                named.external_ids.insert(agent.id, external_id);
            }
        }
        exported.omissions.extend((!targets.is_empty()).then_some(Omission::Targets(targets)));
        exported.omissions.extend((!disabled.is_empty()).then_some(Omission::Disabled(disabled)));
        Ok(named)
    }

    async fn export_numbers(
        &self,
        scope: &Scope,
        mut agents: Named,
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
                    Some(assignment) => match agents.external_ids.get(&assignment.agent) {
                        // A row without its agent would take the number away from it.
                        None => {
                            left_out += 1;
                            agents.nameless.insert(assignment.agent.clone());
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
        let nameless: Vec<_> = agents.nameless.into_iter().collect();
        exported.unsaid.extend(
            (!nameless.is_empty()).then_some(Omission::AgentsWithoutExternalId(nameless, left_out)),
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

fn has_more(account: &Account) -> bool {
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
                "next token, API key, region or status of {} accounts: {}",
                sids.len(),
                named(sids.iter().map(AccountSid::as_str))
            ),
            Self::Nameless(ids, numbers) => write!(
                f,
                "{} agents without an external id and the {numbers} numbers that they answer: {}",
                ids.len(),
                named(ids.iter().map(AgentId::as_str))
            ),
            Self::Targets(external_ids) => write!(
                f,
                "how calls or messages reach {} agents, which is neither a stream nor a reply: {}",
                external_ids.len(),
                named(external_ids.iter().map(Label::as_str))
            ),
            Self::Disabled(external_ids) => write!(
                f,
                "that {} agents are disabled: {}",
                external_ids.len(),
                named(external_ids.iter().map(Label::as_str))
            ),
            Self::Channels(numbers) => {
                write!(f, "that {numbers} numbers are answered on other channels than voice,sms")
            }
        }
    }
}

fn named<'a>(all: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = all.len().saturating_sub(MOST_NAMED);
    let text = all.take(MOST_NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

#[cfg(test)]
mod tests;
