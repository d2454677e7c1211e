//! What was found is taken in.

use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::AccountStatus;
use switchboard_domain::number::{Assignment, Channels};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Import, ImportedNumber};
use switchboard_domain::sid::AccountSid;

use super::{Discovery, SyncAccounts, SyncError};
use crate::adopt::{AccountFinding, AccountStanding, NumberFinding, NumberStanding, Proposal};
use switchboard_application_management::{AuthToken, ManageError, find_account};

/// How much was taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Accounts that were added.
    pub accounts: usize,
    /// Accounts whose status was another one.
    pub statuses: usize,
    /// Numbers that were added.
    pub numbers: usize,
    /// Numbers, new ones and known ones, that were given to the agent that their old URLs name.
    pub assigned: usize,
}

impl SyncAccounts {
    /// Adds the accounts and numbers that are new, gives numbers that nobody answers to the agents that their old URLs
    /// name, and keeps what statuses accounts have now. What has moved or is gone is left as it is. Nothing is
    /// written at the carrier.
    pub async fn take_in(&self, discovery: &Discovery) -> Result<Adopted, SyncError> {
        let scope = Scope::Organization(discovery.organization.clone());
        let owner = find_account(self.access.accounts.as_ref(), &scope, discovery.owner).await?;
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
            let is_kept =
                account.is_some() || matches!(finding.standing, AccountStanding::Known(_));
            import.accounts.extend(account);
            for number in finding.numbers().iter().filter(|_| is_kept) {
                adopted.numbers += usize::from(number.standing == NumberStanding::New);
                adopted.assigned += usize::from(is_assigned(number));
                import.numbers.extend(imported(finding.sid, number));
                by_key.extend(assigned_by_key(number));
            }
        }
        adopted.accounts = import.accounts.len();
        if !import.accounts.is_empty() || !import.numbers.is_empty() {
            self.imports.import(&import).await.map_err(SyncError::of_import)?;
        }
        for (phone_number, assignment) in by_key {
            let assigned = self.numbers.assign(&scope, phone_number, Some(assignment)).await;
            assigned.map_err(SyncError::store("assigning a number"))?;
        }
        for finding in &discovery.accounts {
            adopted.statuses += usize::from(self.keep_status(&scope, finding).await?);
        }
        Ok(adopted)
    }

    /// A new account, unless it is closed for good or its token is not known.
    fn account(
        &self,
        finding: &AccountFinding,
        owner: &Account,
    ) -> Result<Option<Account>, ManageError> {
        let status = finding.status.unwrap_or(AccountStatus::Closed);
        let token = finding.token.as_ref().and_then(|token| AuthToken::parse(token.expose()).ok());
        let (AccountStanding::New, Some(token)) = (finding.standing, token) else {
            return Ok(None);
        };
        if status == AccountStatus::Closed {
            return Ok(None);
        }
        let sid = finding.sid;
        let primary = self.sealer.primary(sid, &token)?;
        Ok(Some(Account {
            sid,
            organization: owner.organization.clone(),
            name: Label::parse(&finding.name).unwrap_or_else(|_no_name| named_by_sid(sid)),
            parent: finding.parent,
            tokens: SealedTokens { primary, next: None },
            api_key: None,
            region: owner.region,
            status,
            created_at: self.clock.now(),
        }))
    }

    /// Whether the status had to be changed. The account is read anew, as somebody may have changed it meanwhile.
    async fn keep_status(
        &self,
        scope: &Scope,
        finding: &AccountFinding,
    ) -> Result<bool, SyncError> {
        let (AccountStanding::Known(kept), Some(status)) = (finding.standing, finding.status)
        else {
            return Ok(false);
        };
        if kept == status {
            return Ok(false);
        }
        let accounts = self.access.accounts.as_ref();
        let account = find_account(accounts, scope, finding.sid).await?;
        let changed = accounts.change(scope, &Account { status, ..account }).await;
        changed.map_err(SyncError::store("changing the account"))?;
        Ok(true)
    }
}

/// Whether a number is given to the agent that its old URLs name.
fn is_assigned(number: &NumberFinding) -> bool {
    matches!(number.standing, NumberStanding::New | NumberStanding::Known)
        && matches!(number.proposal, Proposal::Agent(..))
}

/// The number for the import: a new one, or a known one that gets its agent.
fn imported(account: AccountSid, number: &NumberFinding) -> Option<ImportedNumber> {
    let by_external_id = match &number.proposal {
        Proposal::Agent(agent, channels) if is_assigned(number) => {
            agent.external_id.clone().map(|external_id| (external_id, *channels))
        }
        _ => None,
    };
    if number.standing != NumberStanding::New && by_external_id.is_none() {
        return None;
    }
    let (agent, channels) = match by_external_id {
        Some((external_id, channels)) => (Some(external_id), channels),
        None => (None, Channels::VOICE_AND_SMS),
    };
    Some(ImportedNumber { phone_number: number.phone_number, account, agent, channels })
}

/// An import names agents by the platform's id of them. One without such an id is named by ours, afterwards.
fn assigned_by_key(
    number: &NumberFinding,
) -> Option<(switchboard_domain::phone_number::PhoneNumber, Assignment)> {
    match &number.proposal {
        Proposal::Agent(agent, channels) if is_assigned(number) && agent.external_id.is_none() => {
            let assignment = Assignment { agent: agent.id.clone(), channels: *channels };
            Some((number.phone_number, assignment))
        }
        _ => None,
    }
}

fn named_by_sid(sid: AccountSid) -> Label {
    match Label::parse(sid.as_str()) {
        Ok(label) => label,
        Err(error) => unreachable!("a SID is a short text: {error}"),
    }
}
