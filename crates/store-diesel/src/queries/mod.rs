//! The queries of every port, written once. What differs between the databases comes from `dialect`,
//! `upsert`, `update` and `keeping` of the module that takes this one in.

#[macro_use]
mod pages;

mod accounts;
mod agents;
mod applied;
mod calls;
mod changes;
mod configurations;
mod evidence;
mod imports;
mod leases;
mod messages;
mod numbers;
mod probe;
mod profiles;
mod rejections;
mod routes;
pub(crate) mod schema;

pub(super) use applied::applied;
#[cfg(test)]
pub(super) use evidence::{last_call, last_message};
pub(super) use messages::{KeepMessages, MessageRow, ProgressMessages};

use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Entity, StoreError};

use super::{dialect, update, upsert};

/// The organization that a scope is limited to, if it is.
fn only(scope: &Scope) -> Option<&str> {
    match scope {
        Scope::Organization(id) => Some(id.as_str()),
        Scope::Operator => None,
    }
}

/// Whether a row of that organization may be seen and changed.
fn covers(scope: &Scope, organization: &str) -> bool {
    only(scope).is_none_or(|own| own == organization)
}

/// Nothing is added for another organization than the scope's.
fn may_add(scope: &Scope, organization: &OrganizationId) -> Result<(), StoreError> {
    if scope.covers(organization) { Ok(()) } else { Err(MISSING_ORGANIZATION) }
}

const MISSING_ORGANIZATION: StoreError = StoreError::Missing { entity: Entity::Organization };
