//! Stores the accounts and numbers that were found.

use switchboard_domain::account::Account;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::carrier::AccountStatus;
use switchboard_domain::number::{Assignment, Channels};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Import, ImportedNumber, StoreError};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::{Discovery, SyncAccounts, SyncError};
use crate::OperationError;
use crate::adopt::{
    AccountDiff, AccountFinding, NumberDiff, NumberFinding, Proposal, ProposedAgent,
};
use switchboard_application_management::{AuthToken, ManageError, find_account};

/// The number of changes in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Added accounts.
    pub accounts: usize,
    /// Accounts whose status was updated.
    pub statuses: usize,
    /// Added numbers.
    pub numbers: usize,
    /// Added senders that are no numbers.
    pub senders: usize,
    /// New and known numbers and senders that were assigned to the agent that their legacy URLs name.
    pub assigned: usize,
}

impl SyncAccounts {
    /// Adds new accounts and numbers, assigns unassigned numbers to the agents that their legacy URLs name, and updates
    /// the statuses of accounts. Numbers that have moved or are gone stay unchanged. Writes nothing at the carrier.
    pub async fn adopt(
        &self,
        author: &Author,
        discovery: &Discovery,
    ) -> Result<Adopted, SyncError> {
        let author = author.within(Scope::Organization(discovery.organization.clone()));
        let owner = find_account(self.access.accounts.as_ref(), &author, discovery.owner).await?;
        let mut adopted = Adopted::default();
        let mut import = Import {
            organization: discovery.organization.clone(),
            accounts: Vec::new(),
            agents: Vec::new(),
            numbers: Vec::new(),
            at: self.clock.now(),
        };
        let mut by_key = Vec::new();
        for finding in &discovery.accounts {
            let account = self.account(finding, &owner)?;
            let is_stored = account.is_some() || matches!(finding.diff, AccountDiff::Known(_));
            import.accounts.extend(account);
            for number in finding.numbers().iter().filter(|_| is_stored) {
                let is_number = number.sender.as_number().is_some();
                let added = if is_number { &mut adopted.numbers } else { &mut adopted.senders };
                *added += usize::from(number.diff == NumberDiff::New);
                adopted.assigned += usize::from(assigned(number).is_some());
                import.numbers.extend(imported(finding.sid, number));
                by_key.extend(assigned_by_id(number));
            }
        }
        adopted.accounts = import.accounts.len();
        if !import.accounts.is_empty() || !import.numbers.is_empty() {
            self.imports.import(&author, &import).await.map_err(SyncError::of_import)?;
        }
        for (sender, assignment) in by_key {
            let assigned = self.numbers.assign(&author, sender, Some(assignment)).await;
            assigned.map_err(OperationError::store("assigning a number"))?;
        }
        for finding in &discovery.accounts {
            adopted.statuses += usize::from(self.update_status(&author, finding).await?);
        }
        Ok(adopted)
    }

    /// The account to add, unless it is closed or its token is unknown.
    fn account(
        &self,
        finding: &AccountFinding,
        owner: &Account,
    ) -> Result<Option<Account>, ManageError> {
        let status = finding.status.unwrap_or(AccountStatus::Closed);
        let token = finding.token.as_ref().and_then(|token| AuthToken::parse(token.expose()).ok());
        let (AccountDiff::New, Some(token)) = (finding.diff, token) else {
            return Ok(None);
        };
        if status == AccountStatus::Closed {
            return Ok(None);
        }
        let sid = finding.sid;
        let tokens = self.sealer.seal(sid, &token, None)?;
        Ok(Some(Account {
            sid,
            organization: owner.organization.clone(),
            name: Label::parse(&finding.name).unwrap_or_else(|_no_name| named_by_sid(sid)),
            parent: finding.parent,
            tokens,
            api_key: None,
            region: owner.region,
            status,
            validation: None,
            connection: None,
            created_at: self.clock.now(),
        }))
    }

    /// Updates the status if it differs, and returns whether it did. The account is read again, because it may have
    /// changed since the discovery.
    async fn update_status(
        &self,
        author: &Author,
        finding: &AccountFinding,
    ) -> Result<bool, SyncError> {
        let (AccountDiff::Known(stored), Some(status)) = (finding.diff, finding.status) else {
            return Ok(false);
        };
        if stored == status {
            return Ok(false);
        }
        let accounts = self.access.accounts.as_ref();
        let before = find_account(accounts, author, finding.sid).await?;
        let after = Account { status, ..before.clone() };
        match accounts.change(author, Some(&before), &after).await {
            Ok(()) => Ok(true),
            // The next discovery finds the difference again.
            Err(StoreError::Changed { .. }) => Ok(false),
            Err(error) => Err(OperationError::store("changing the account")(error).into()),
        }
    }
}

/// The agent to which the number is to be assigned, because its legacy URLs name it.
fn assigned(number: &NumberFinding) -> Option<(&ProposedAgent, Channels)> {
    let Proposal::Agent(agent, channels) = &number.proposal else { return None };
    let is_new = matches!(number.diff, NumberDiff::New | NumberDiff::Known);
    is_new.then_some((agent, *channels))
}

/// The row to import: a new number, or a known one that is to be assigned.
fn imported(account: AccountSid, number: &NumberFinding) -> Option<ImportedNumber> {
    let by_external_id =
        assigned(number).and_then(|(agent, channels)| Some((agent.external_id.clone()?, channels)));
    if number.diff != NumberDiff::New && by_external_id.is_none() {
        return None;
    }
    let (agent, channels) = match by_external_id {
        Some((external_id, channels)) => (Some(external_id), channels),
        None => (None, number.sender.default_channels()),
    };
    Some(ImportedNumber { sender: number.sender, account, agent, channels })
}

/// The assignment to an agent without an external id. Imports refer to agents by external id, so it is stored afterwards.
fn assigned_by_id(number: &NumberFinding) -> Option<(Sender, Assignment)> {
    let (agent, channels) = assigned(number).filter(|(agent, _)| agent.external_id.is_none())?;
    Some((number.sender, Assignment { agent: agent.id.clone(), channels }))
}

fn named_by_sid(sid: AccountSid) -> Label {
    match Label::parse(sid.as_str()) {
        Ok(label) => label,
        Err(error) => unreachable!("a SID is a short text: {error}"),
    }
}
