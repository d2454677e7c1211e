//! Imports accounts, agents and numbers in one transaction: from CSV files, or from a legacy
//! system.
//!
//! Both sources yield the same rows of text. They differ in how they treat stored records: see
//! [`ImportMode`].

mod agent;
mod completion;
mod error;
mod known;
mod problems;
mod validation;

use std::sync::Arc;

use switchboard_domain::audit::Author;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AccountStore, AgentRow, AgentStore, CatalogueStore, Clock, ConfigurationStore, Identifiers,
    Import, ImportCounts, ImportRow, ImportRows, ImportStore, LegacySystem, NumberStore, PlanCodec,
    StoreError,
};
use switchboard_domain::sid::AccountSid;

pub use error::ImportError;
pub use problems::{Problems, Remark};

use super::{AuthToken, TokenSealer};
use completion::Afterwards;
use known::Known;
use validation::{ImportedAccount, Validation};

/// Imports accounts, agents and numbers.
pub struct ImportDirectory {
    /// Stored accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Stored agents.
    pub agents: Arc<dyn AgentStore>,
    /// Stored numbers.
    pub numbers: Arc<dyn NumberStore>,
    /// Whether the server may repair numbers.
    pub configurations: Arc<dyn ConfigurationStore>,
    /// The limits of agents, and the calendars that their hours name.
    pub catalogue: Arc<dyn CatalogueStore>,
    /// Reads hours.
    pub codec: Arc<dyn PlanCodec>,
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
    /// The `AccountSid` of the main account.
    pub sid: AccountSid,
    /// Its token, with which it is added if it is unknown. Without a token, it must be stored already.
    pub token: Option<AuthToken>,
}

/// What an import does with stored records, and how strictly it reads the rows.
#[derive(Clone, Debug)]
pub(crate) enum ImportMode {
    /// Rows change stored records. Every reference must exist.
    Update,
    /// Stored records stay unchanged, so that an import can be repeated; differences become
    /// remarks. Agents without a name and numbers of unknown agents are imported with a remark.
    /// Rows of numbers add the accounts that own them.
    AddOnly {
        /// The account that owns the numbers without an account SID.
        main: Option<LegacyMainAccount>,
    },
}

/// How many records an import adds, and how many exist already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// The number of accounts.
    pub accounts: usize,
    /// The number of agents.
    pub agents: usize,
    /// The number of numbers and senders.
    pub numbers: usize,
    /// Numbers, new or stored, that get their agent assigned.
    pub assigned: usize,
    /// Agents that are stored already.
    pub known_agents: usize,
    /// Numbers that are stored already.
    pub known_numbers: usize,
    /// Known accounts, agents and numbers that change.
    pub changed: ChangedRecords,
}

/// How many known records an import changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangedRecords {
    /// Accounts.
    pub accounts: usize,
    /// Agents.
    pub agents: usize,
    /// Numbers.
    pub numbers: usize,
}

/// An import without mistakes that has not been written yet.
#[derive(Debug)]
pub struct PreparedImport {
    import: Import,
    after: Afterwards,
    summary: ImportSummary,
    remarks: Vec<Remark>,
}

impl PreparedImport {
    /// How many records it adds.
    pub const fn summary(&self) -> ImportSummary {
        self.summary
    }

    /// Remarks about rows that are imported differently than they are written, or that are skipped
    /// because a record is stored already.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

impl ImportDirectory {
    /// Adds new records and changes stored ones. `problems` are those of reading the files. If there is any problem,
    /// nothing is written.
    pub async fn import(
        &self,
        author: &Author,
        organization: &OrganizationId,
        rows: ImportRows,
        problems: Problems,
    ) -> Result<ImportCounts, ImportError> {
        let prepared = self.prepare_update(organization, rows, problems).await?;
        self.write(author, &prepared).await
    }

    /// Reads the legacy system and prepares the new records for [`Self::write`]. Stored records
    /// stay unchanged.
    pub async fn prepare_legacy(
        &self,
        organization: &OrganizationId,
        legacy: &dyn LegacySystem,
        main: Option<LegacyMainAccount>,
    ) -> Result<PreparedImport, ImportError> {
        let rows = legacy.read().await.map_err(ImportError::Legacy)?;
        self.prepare(organization, rows, ImportMode::AddOnly { main }, Problems::default()).await
    }

    /// Reads rows that change stored records, and prepares them for [`Self::write`].
    pub async fn prepare_update(
        &self,
        organization: &OrganizationId,
        rows: ImportRows,
        problems: Problems,
    ) -> Result<PreparedImport, ImportError> {
        self.prepare(organization, rows, ImportMode::Update, problems).await
    }

    /// Writes all records or none, then limits of agents and what else is not part of a record. If that fails, the same
    /// import completes it. Returns the records that were added or changed.
    pub async fn write(
        &self,
        author: &Author,
        prepared: &PreparedImport,
    ) -> Result<ImportCounts, ImportError> {
        let import = &prepared.import;
        let author = author.within(Scope::Organization(import.organization.clone()));
        let mut counts = ImportCounts::default();
        if !(import.accounts.is_empty() && import.agents.is_empty() && import.numbers.is_empty()) {
            counts = self.imports.import(&author, import).await.map_err(failed)?;
        }
        let changed = self.write_afterwards(&author, &prepared.after).await;
        counts.agents += changed.map_err(failed)?;
        Ok(counts)
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
        self.check_hours(organization, &rows.agents.name, &mut validated).await?;
        if validated.problems.count() > 0 {
            let tables =
                [&rows.accounts.name, &rows.agents.name, &rows.numbers.name].map(Arc::clone);
            validated.problems.sort(&tables);
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
        let (mut summary, remarks) = (validated.summary, std::mem::take(&mut validated.remarks));
        let (import, after) = self.completed(organization, validated, known, &mut summary)?;
        Ok(PreparedImport { import, after, summary, remarks })
    }

    async fn known(&self, scope: &Scope, rows: &ImportRows) -> Result<Known, ImportError> {
        let failed = |doing| move |source| ImportError::Store { doing, source };
        let mut known = Known::default();
        let accounts = known.read_accounts(self.accounts.as_ref(), scope).await;
        accounts.map_err(failed("reading the accounts"))?;
        let agents = known.read_agents(self.agents.as_ref(), scope).await;
        agents.map_err(failed("reading the agents"))?;
        let numbers = if rows.numbers.rows.iter().any(|row| row.value.repair.is_some()) {
            known.read_numbers_with_policies(self.configurations.as_ref(), scope).await
        } else if rows.numbers.rows.is_empty() {
            Ok(())
        } else {
            known.read_numbers(self.numbers.as_ref(), scope).await
        };
        numbers.map_err(failed("reading the numbers"))?;
        let limited = |row: &ImportRow<AgentRow>| {
            let more = &row.value.more;
            more.capacity.is_some() || more.hours.is_some() || more.health_url.is_some()
        };
        if let Scope::Organization(organization) = scope
            && rows.agents.rows.iter().any(limited)
        {
            let limits = known.read_limits(self.catalogue.as_ref(), organization).await;
            limits.map_err(failed("reading the limits of agents"))?;
        }
        Ok(known)
    }
}

/// What a failed write means.
fn failed(error: StoreError) -> ImportError {
    match error {
        StoreError::Exists { .. } => ImportError::OtherOrganization,
        StoreError::Missing { .. } => ImportError::Removed,
        source @ (StoreError::Unavailable { .. }
        | StoreError::Changed { .. }
        | StoreError::InUse { .. }
        | StoreError::Full { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. }) => ImportError::Store { doing: "writing", source },
    }
}

#[cfg(test)]
mod legacy_tests;
#[cfg(test)]
mod tests;
