//! The queries of every port, written once. What differs between the databases comes from `dialect`,
//! `upsert`, `update` and `group_commit` of the module that takes this one in.

#[macro_use]
mod pages;
#[macro_use]
mod newest;
#[macro_use]
mod delivery_leases;

mod accounts;
mod agent_secrets;
mod agents;
mod api_keys;
mod archive;
mod archive_check;
mod audit;
mod audit_retention;
mod audit_schema;
mod audited;
mod call_history;
mod call_timeline;
mod calls;
mod catalogue;
mod changes;
mod chat_models;
mod check_findings;
mod configurations;
mod connect_links;
mod connect_schema;
mod consents;
mod contact_links;
mod conversations;
mod deliveries;
mod delivery_contexts;
mod delivery_look_ups;
mod delivery_results;
mod delivery_rows;
mod distribution;
mod drifts;
mod drifts_schema;
mod erasure;
mod events;
mod gone_targets;
mod idempotency;
mod idempotency_schema;
mod imports;
mod job_queue;
mod job_rows;
mod jobs;
mod jobs_schema;
mod latest_of_contact;
mod leases;
mod limits;
mod live_calls;
mod message_history;
mod messages;
mod migration_history;
mod numbers;
mod organizations;
mod outgoing_deliveries;
mod plan_places;
mod planned_anew;
mod plans;
mod probe;
mod profiles;
mod public_url;
pub(super) mod rejection_history;
mod rejections;
mod retention;
mod routes;
mod rule;
pub(crate) mod schema;
mod sealed_secrets;
mod subscriptions;
mod verifications;

#[cfg(test)]
pub(super) use call_history::calls_in;
#[cfg(test)]
pub(super) use calls::{latest_from, latest_to};
pub(super) use conversations::AddConversations;
#[cfg(test)]
pub(super) use delivery_leases::claiming;
pub(super) use delivery_rows::{AddDeliveries, AddQueues};
pub(super) use events::{AddEvents, EventRow};
#[cfg(test)]
pub(super) use live_calls::newest_live;
#[cfg(test)]
pub(super) use message_history::messages_in;
#[cfg(test)]
pub(super) use messages::latest_of_address;
pub(super) use messages::{InsertMessages, MessageRow, NewMessageRows, ProgressMessages};
pub(super) use migration_history::applied_migrations;
#[cfg(test)]
pub(super) use newest::{Order, Party};
#[cfg(test)]
pub(super) use verifications::{last_call, last_message};

use diesel::{OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Entity, StoreError};

use super::{dialect, update, upsert};
use crate::failure::Failure;

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

/// Nothing is added for an organization that is not there.
async fn organization_must_be_there(
    conn: &mut dialect::Conn,
    organization: &str,
) -> Result<(), Failure> {
    let query = schema::organizations::table.find(organization).select(schema::organizations::id);
    let id: Option<String> = query.first(conn).await.optional()?;
    id.map(drop).ok_or_else(|| MISSING_ORGANIZATION.into())
}
