//! Imports accounts, agents and numbers, all or nothing: from CSV files, or from the system that users migrate from.
//!
//! Both sources yield the same rows of text. They differ in what happens to stored records: see [`ImportMode`].

mod agent;
mod error;
mod known;
mod problems;
mod validation;

use std::sync::Arc;

use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AccountStore, AgentStore, Clock, Identifiers, Import, ImportCounts, ImportRows, ImportStore,
    LegacySystem, NumberStore, StoreError,
};
use switchboard_domain::sid::AccountSid;

pub use error::ImportError;
pub use problems::{Problems, Remark};

use super::{AuthToken, TokenSealer};
use known::Known;
use validation::{ImportedAccount, Validated, Validation};

/// Imports accounts, agents and numbers.
pub struct ImportDirectory {
    /// Stored accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Stored agents.
    pub agents: Arc<dyn AgentStore>,
    /// Stored numbers.
    pub numbers: Arc<dyn NumberStore>,
    /// Writes everything in one transaction.
    pub imports: Arc<dyn ImportStore>,
    /// Seals tokens.
    pub sealer: TokenSealer,
    /// Creates ids of agents.
    pub identifiers: Arc<dyn Identifiers>,
    /// The time of creation of new records.
    pub clock: Arc<dyn Clock>,
}

/// The account that owns the numbers without an account SID.
#[derive(Clone, Debug)]
pub struct LegacyMainAccount {
    /// Its SID.
    pub sid: AccountSid,
    /// Its token, with which it is added if it is unknown. Without a token, it must be stored already.
    pub token: Option<AuthToken>,
}

/// What an import does with stored records, and how strictly it reads the rows.
#[derive(Clone, Debug)]
pub(crate) enum ImportMode {
    /// Rows change stored records. Every reference must exist.
    Update,
    /// Stored records stay as they are, so that an import can be repeated; differences become remarks. Agents without a
    /// name and numbers of unknown agents are imported with a remark. Rows of numbers add the accounts that own them.
    AddOnly {
        /// The account that owns the numbers without an account SID.
        main: Option<LegacyMainAccount>,
    },
}

/// How many records an import adds, and how many exist already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// New accounts.
    pub accounts: usize,
    /// New agents.
    pub agents: usize,
    /// New numbers.
    pub numbers: usize,
    /// Numbers, new or stored, that get their agent.
    pub assigned: usize,
    /// Agents that are stored already.
    pub known_agents: usize,
    /// Numbers that are stored already.
    pub known_numbers: usize,
}

/// An import without mistakes that has not been written yet.
#[derive(Debug)]
pub struct PreparedImport {
    import: Import,
    summary: ImportSummary,
    remarks: Vec<Remark>,
}

impl PreparedImport {
    /// How many records it adds.
    pub const fn summary(&self) -> ImportSummary {
        self.summary
    }

    /// Rows that are imported differently than they are, or not because a record is stored already.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

impl ImportDirectory {
    /// Adds new records and changes stored ones. `problems` are those of reading the files. If there is any problem,
    /// nothing is written.
    pub async fn import(
        &self,
        organization: &OrganizationId,
        rows: ImportRows,
        problems: Problems,
    ) -> Result<ImportCounts, ImportError> {
        let prepared = self.prepare(organization, rows, ImportMode::Update, problems).await?;
        self.write(&prepared).await
    }

    /// Reads the legacy system and prepares what is new for [`Self::write`]. Stored records stay as they are.
    pub async fn prepare_legacy(
        &self,
        organization: &OrganizationId,
        legacy: &dyn LegacySystem,
        main: Option<LegacyMainAccount>,
    ) -> Result<PreparedImport, ImportError> {
        let rows = legacy.read().await.map_err(ImportError::Legacy)?;
        self.prepare(organization, rows, ImportMode::AddOnly { main }, Problems::default()).await
    }

    /// Writes everything or nothing. Returns the records that were added or changed.
    pub async fn write(&self, prepared: &PreparedImport) -> Result<ImportCounts, ImportError> {
        let import = &prepared.import;
        if import.accounts.is_empty() && import.agents.is_empty() && import.numbers.is_empty() {
            return Ok(ImportCounts::default());
        }
        self.imports.import(import).await.map_err(|error| match error {
            StoreError::Exists { .. } => ImportError::OtherOrganization,
            StoreError::Missing { .. } => ImportError::Removed,
            source => ImportError::Store { doing: "writing", source },
        })
    }

    async fn prepare(
        &self,
        organization: &OrganizationId,
        rows: ImportRows,
        mode: ImportMode,
        problems: Problems,
    ) -> Result<PreparedImport, ImportError> {
        let scope = Scope::Organization(organization.clone());
        let known = self.known(&scope, &rows).await?;
        let mut validated = Validation::new(&known, &mode, problems).check(&rows);
        if validated.problems.count() > 0 {
            return Err(ImportError::Mistakes(validated.problems));
        }
        if let ImportMode::AddOnly { main: Some(main) } = mode
            && validated.needs_main_account
            && !known.accounts.contains_key(&main.sid)
        {
            let sid = main.sid;
            let token = main.token.ok_or(ImportError::MainAccountUnknown { sid })?;
            let account = ImportedAccount::new(sid, "Main", None, token);
            validated.accounts.insert(0, account);
            validated.summary.accounts += 1;
        }
        let (summary, remarks) = (validated.summary, std::mem::take(&mut validated.remarks));
        let import = self.sealed(organization, validated, known)?;
        Ok(PreparedImport { import, summary, remarks })
    }

    async fn known(&self, scope: &Scope, rows: &ImportRows) -> Result<Known, ImportError> {
        let failed = |doing| move |source| ImportError::Store { doing, source };
        let mut known = Known::default();
        let accounts = known.read_accounts(self.accounts.as_ref(), scope).await;
        accounts.map_err(failed("reading the accounts"))?;
        let agents = known.read_agents(self.agents.as_ref(), scope).await;
        agents.map_err(failed("reading the agents"))?;
        if !rows.numbers.rows.is_empty() {
            let numbers = known.read_numbers(self.numbers.as_ref(), scope).await;
            numbers.map_err(failed("reading the numbers"))?;
        }
        Ok(known)
    }

    fn sealed(
        &self,
        organization: &OrganizationId,
        validated: Validated,
        mut known: Known,
    ) -> Result<Import, ImportError> {
        let at = self.clock.now();
        let accounts = validated.accounts.into_iter().filter_map(|account| {
            let before = known.accounts.remove(&account.sid);
            account.complete(organization, &self.sealer, before, at).transpose()
        });
        let accounts = accounts.collect::<Result<_, _>>().map_err(ImportError::Seal)?;
        let agents = validated.agents.into_iter().map(|agent| {
            let before = known.agents.remove(&agent.external_id);
            agent.complete(organization, before, || self.identifiers.agent(), at)
        });
        let agents = agents.collect();
        Ok(Import {
            organization: organization.clone(),
            accounts,
            agents,
            numbers: validated.numbers,
            at,
        })
    }
}

#[cfg(test)]
mod legacy_tests;
#[cfg(test)]
mod tests;
