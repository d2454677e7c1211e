//! Tenants, and who may see what.

use crate::identifier::OrganizationId;

/// The key of the organization that exists from the first migration on.
pub const DEFAULT_ORGANIZATION: &str = "org_00000000000000000000000000";

/// The organization that exists from the first migration on.
pub fn default_organization() -> OrganizationId {
    match OrganizationId::parse(DEFAULT_ORGANIZATION) {
        Ok(id) => id,
        Err(error) => unreachable!("the constant is a key: {error}"),
    }
}

/// Whose things a store method may see and change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One tenant's.
    Organization(OrganizationId),
    /// Everybody's: the operator of the installation, and the program itself.
    Operator,
}

impl Scope {
    /// Whether what belongs to `owner` may be seen and changed.
    pub fn covers(&self, owner: &OrganizationId) -> bool {
        match self {
            Self::Organization(own) => own == owner,
            Self::Operator => true,
        }
    }
}
