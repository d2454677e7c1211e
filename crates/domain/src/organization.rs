//! Organizations (tenants), and access to what they own.

use crate::agent::Label;
use crate::identifier::OrganizationId;
use crate::time::Timestamp;

/// Id of the default organization, which the first migration creates.
pub const DEFAULT_ORGANIZATION: &str = "org_00000000000000000000000000";

/// Returns the id of the default organization, which the first migration creates.
pub fn default_organization() -> OrganizationId {
    match OrganizationId::parse(DEFAULT_ORGANIZATION) {
        Ok(id) => id,
        Err(error) => unreachable!("the constant is an identifier: {error}"),
    }
}

/// An organization: a tenant, whose boundary nothing crosses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Id of the organization.
    pub id: OrganizationId,
    /// Its name, which need not be unique.
    pub name: Label,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What a store operation may read and change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Whatever one organization owns.
    Organization(OrganizationId),
    /// Everything: for the operator of the installation and for the program itself.
    Operator,
}

impl Scope {
    /// Whether objects owned by `owner` may be read and changed.
    pub fn covers(&self, owner: &OrganizationId) -> bool {
        match self {
            Self::Organization(own) => own == owner,
            Self::Operator => true,
        }
    }
}
