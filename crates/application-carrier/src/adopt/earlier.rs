//! Chatbots and numbers of the system that users come from become agents and numbers here.

mod remarks;
mod translation;

use std::sync::Arc;

use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::agent::{Agent, AgentState, Label, Profile};
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AccountStore, AgentStore, Clock, EarlierSystem, Identifiers, Import, ImportStore, NumberFilter,
    NumberStore, Page, StoreError,
};
use switchboard_domain::sid::AccountSid;

pub use remarks::{Mistakes, Remark};

use switchboard_application_management::{AuthToken, ManageError, TokenSealer, all_accounts};
use translation::{Here, NewAgent, Translation, translate};

/// Agents carry their prompts, so a page of them is smaller than one of numbers.
const AGENTS: u32 = 100;
const ROWS: u32 = 1_000;

/// The account that owns the numbers which name no subaccount.
#[derive(Clone, Debug)]
pub struct MainAccountOfEarlier {
    /// The account.
    pub sid: AccountSid,
    /// Its token, with which it is added if it is not known here. Without one it has to be.
    pub token: Option<AuthToken>,
}

/// Why nothing was taken over.
#[derive(Debug, thiserror::Error)]
pub enum EarlierError {
    /// The earlier system could not be read.
    #[error("the database of the earlier system could not be read")]
    Read(#[source] StoreError),
    /// What stands there cannot be taken over.
    #[error("nothing was imported: {0}")]
    Mistakes(Mistakes),
    /// The main account is not known here, and no token came with it.
    #[error(
        "nothing was imported: account {sid}, which owns numbers of the earlier system, is unknown"
    )]
    MainAccountUnknown {
        /// The account.
        sid: AccountSid,
    },
    /// Something of it belongs to somebody else here.
    #[error(
        "nothing was imported: an account or a number of the earlier system belongs to another organization here"
    )]
    OtherOrganization,
    /// Something that is needed here went away meanwhile.
    #[error("nothing was imported: an account or an agent was removed in the meantime")]
    Removed,
    /// A token could not be sealed, or accounts not be listed.
    #[error("nothing was imported")]
    Manage(#[from] ManageError),
    /// The store failed.
    #[error("nothing was imported: {doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        source: StoreError,
    },
}

/// Takes over what the earlier system knows.
pub struct ImportEarlier {
    /// The earlier system.
    pub earlier: Arc<dyn EarlierSystem>,
    /// Where accounts are kept.
    pub accounts: Arc<dyn AccountStore>,
    /// Where agents are kept.
    pub agents: Arc<dyn AgentStore>,
    /// Where numbers are kept.
    pub numbers: Arc<dyn NumberStore>,
    /// Brings all of them in at once.
    pub imports: Arc<dyn ImportStore>,
    /// Seals tokens.
    pub sealer: TokenSealer,
    /// Makes keys of agents.
    pub identifiers: Arc<dyn Identifiers>,
    /// Tells when things were added.
    pub clock: Arc<dyn Clock>,
}

/// What is new here of the earlier system.
#[derive(Debug)]
pub struct EarlierPlan {
    organization: OrganizationId,
    main: Option<MainAccountOfEarlier>,
    adds_main: bool,
    translation: Translation,
}

/// How much is new, and how much is here already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EarlierCounts {
    /// Accounts that are new.
    pub accounts: usize,
    /// Agents that are new.
    pub agents: usize,
    /// Numbers that are new.
    pub numbers: usize,
    /// Numbers, new or known, that get their agent.
    pub assigned: usize,
    /// Agents that are known, and stay as they are.
    pub known_agents: usize,
    /// Numbers that are known.
    pub known_numbers: usize,
}

impl EarlierPlan {
    /// How much there is of what.
    pub fn counts(&self) -> EarlierCounts {
        let translation = &self.translation;
        EarlierCounts {
            accounts: translation.subaccounts.len() + usize::from(self.adds_main),
            agents: translation.agents.len(),
            numbers: translation.new_numbers,
            assigned: translation.assigned,
            known_agents: translation.known_agents,
            known_numbers: translation.known_numbers,
        }
    }

    /// What is odd about the rows, and what is done about it.
    pub fn notes(&self) -> &[Remark] {
        &self.translation.notes
    }
}

impl ImportEarlier {
    /// Reads everything and says what is new. With a single mistake there is nothing to carry out.
    pub async fn plan(
        &self,
        organization: &OrganizationId,
        main: Option<MainAccountOfEarlier>,
    ) -> Result<EarlierPlan, EarlierError> {
        let directory = self.earlier.read().await.map_err(EarlierError::Read)?;
        let here = self.here(organization).await?;
        let translation = translate(&directory, &here, main.as_ref().map(|main| main.sid));
        if !translation.mistakes.is_empty() {
            return Err(EarlierError::Mistakes(Mistakes(translation.mistakes)));
        }
        let adds_main = match &main {
            Some(main) if translation.needs_main && !here.accounts.contains_key(&main.sid) => {
                if main.token.is_none() {
                    return Err(EarlierError::MainAccountUnknown { sid: main.sid });
                }
                true
            }
            _ => false,
        };
        let organization = organization.clone();
        Ok(EarlierPlan { organization, main, adds_main, translation })
    }

    /// Brings in what is new: all of it or nothing.
    pub async fn carry_out(&self, plan: EarlierPlan) -> Result<EarlierCounts, EarlierError> {
        let counts = plan.counts();
        let import = self.import(plan)?;
        if import.accounts.is_empty() && import.agents.is_empty() && import.numbers.is_empty() {
            return Ok(counts);
        }
        match self.imports.import(&import).await {
            Ok(_) => Ok(counts),
            Err(StoreError::Exists { .. }) => Err(EarlierError::OtherOrganization),
            Err(StoreError::Missing { .. }) => Err(EarlierError::Removed),
            Err(source) => Err(EarlierError::Store { doing: "writing", source }),
        }
    }

    async fn here(&self, organization: &OrganizationId) -> Result<Here, EarlierError> {
        let scope = Scope::Organization(organization.clone());
        let failed = |doing| move |source| EarlierError::Store { doing, source };
        let mut here = Here::default();
        let accounts = all_accounts(self.accounts.as_ref(), &scope).await?;
        here.accounts.extend(accounts.into_iter().map(|account| (account.sid, account)));
        let mut page = Page::first(AGENTS);
        loop {
            let agents = self.agents.list(&scope, &page).await;
            let agents = agents.map_err(failed("reading the agents"))?;
            let Some(last) = agents.last() else { break };
            page = Page::behind(last.id.clone(), AGENTS);
            let named = agents.into_iter().filter_map(|agent| {
                let external_id = agent.profile.external_id.clone()?;
                Some((external_id, agent))
            });
            here.agents.extend(named);
        }
        let mut page = Page::first(ROWS);
        loop {
            let numbers = self.numbers.list(&scope, &NumberFilter::default(), &page).await;
            let numbers = numbers.map_err(failed("reading the numbers"))?;
            let Some(last) = numbers.last() else { return Ok(here) };
            page = Page::behind(last.phone_number, ROWS);
            here.numbers.extend(numbers.into_iter().map(|number| (number.phone_number, number)));
        }
    }

    fn import(&self, plan: EarlierPlan) -> Result<Import, ManageError> {
        let EarlierPlan { organization, main, adds_main, translation } = plan;
        let mut accounts = Vec::new();
        let parent = main.as_ref().map(|main| main.sid);
        if let Some(MainAccountOfEarlier { sid, token: Some(token) }) = main
            && adds_main
        {
            accounts.push(self.account(&organization, sid, "Main", None, &token)?);
        }
        for (sid, token) in &translation.subaccounts {
            accounts.push(self.account(&organization, *sid, sid.as_str(), parent, token)?);
        }
        let agents = translation.agents.into_iter().map(|agent| self.agent(&organization, agent));
        Ok(Import {
            agents: agents.collect(),
            organization: organization.clone(),
            accounts,
            numbers: translation.numbers,
            at: self.clock.now(),
        })
    }

    fn account(
        &self,
        organization: &OrganizationId,
        sid: AccountSid,
        name: &str,
        parent: Option<AccountSid>,
        token: &AuthToken,
    ) -> Result<Account, ManageError> {
        let name = match Label::parse(name) {
            Ok(name) => name,
            Err(error) => unreachable!("a word and a SID are short texts: {error}"),
        };
        Ok(Account {
            sid,
            organization: organization.clone(),
            name,
            parent,
            tokens: SealedTokens { primary: self.sealer.primary(sid, token)?, next: None },
            api_key: None,
            region: Region::default(),
            status: AccountStatus::Active,
            created_at: self.clock.now(),
        })
    }

    fn agent(&self, organization: &OrganizationId, agent: NewAgent) -> Agent {
        let profile = Profile {
            name: agent.name,
            external_id: Some(agent.external_id),
            voice: agent.voice,
            model: agent.model,
            language: None,
            voice_target: None,
            message_target: None,
            state: AgentState::Enabled,
        };
        Agent {
            id: self.identifiers.agent(),
            organization: organization.clone(),
            profile,
            prompt: agent.prompt,
            created_at: self.clock.now(),
        }
    }
}

#[cfg(test)]
mod tests;
