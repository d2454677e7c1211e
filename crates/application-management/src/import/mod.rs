//! Many accounts, agents and numbers come in at once, from files: all of them or none.

mod known;
mod problems;
mod rows;
mod validation;

use std::sync::Arc;

use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AccountStore, AgentStore, Clock, Identifiers, Import, ImportCounts, ImportStore, NumberStore,
    StoreError,
};

pub use problems::{Problem, Problems};
pub use rows::{AccountRow, AgentRow, NumberRow, Row, Sheet, Sheets};

use super::{ManageError, TokenSealer};
use known::Known;
use validation::{Validated, Validation};

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The files contain mistakes.
    #[error("nothing was imported: {0}")]
    Mistakes(Problems),
    /// Something of the files belongs to somebody else.
    #[error(
        "nothing was imported: an account or a number of the files belongs to another organization"
    )]
    OtherOrganization,
    /// Something that the files refer to went away meanwhile.
    #[error(
        "nothing was imported: an account or an agent that the files name was removed in the meantime"
    )]
    Removed,
    /// A token could not be sealed.
    #[error("nothing was imported")]
    Unsealed(#[source] ManageError),
    /// The store failed.
    #[error("nothing was imported: {doing} failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        source: StoreError,
    },
}

/// Imports accounts, agents and numbers.
pub struct ImportDirectory {
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

impl ImportDirectory {
    /// Adds what is new and changes what is there. `problems` are those that reading the files has met; with
    /// even one of them, or of the many that may be found here, nothing is changed.
    pub async fn import(
        &self,
        organization: &OrganizationId,
        sheets: Sheets,
        problems: Problems,
    ) -> Result<ImportCounts, ImportError> {
        let scope = Scope::Organization(organization.clone());
        let known = self.known(&scope, &sheets).await?;
        let validated =
            Validation::new(&known, problems).check(sheets).map_err(ImportError::Mistakes)?;
        let import = self.sealed(organization, validated, known)?;
        self.imports.import(&import).await.map_err(|error| match error {
            StoreError::Exists { .. } => ImportError::OtherOrganization,
            StoreError::Missing { .. } => ImportError::Removed,
            source => ImportError::Store { doing: "writing", source },
        })
    }

    async fn known(&self, scope: &Scope, sheets: &Sheets) -> Result<Known, ImportError> {
        let failed = |doing| move |source| ImportError::Store { doing, source };
        let mut known = Known::default();
        known
            .read_accounts(self.accounts.as_ref(), scope)
            .await
            .map_err(failed("reading the accounts"))?;
        known
            .read_agents(self.agents.as_ref(), scope)
            .await
            .map_err(failed("reading the agents"))?;
        if !sheets.numbers.rows.is_empty() {
            known
                .read_numbers(self.numbers.as_ref(), scope)
                .await
                .map_err(failed("reading the numbers"))?;
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
        let accounts = accounts.collect::<Result<_, _>>().map_err(ImportError::Unsealed)?;
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
mod tests;
