//! The entries of the audit log.

use std::net::IpAddr;

use super::author::{Actor, Author};
use super::chain::{ChainHash, hash_of};
use super::snapshot::{Difference, Fields};
use crate::identifier::{AgentId, OrganizationId};
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// The kind of an object of the configuration.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum ObjectKind {
        /// An agent.
        Agent = "agent",
    }
}

string_enum! {
    /// What was done.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Action {
        /// An agent was added.
        AgentAdded = "agent.added",
        /// The profile or the prompt of an agent was changed.
        AgentChanged = "agent.changed",
        /// An agent was removed.
        AgentRemoved = "agent.removed",
        /// Messages are delivered again to an endpoint of an agent that answered 410.
        AgentTargetEnabled = "agent.target_enabled",
    }
}

/// An object of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id, SID or name, whichever its kind is identified by.
    pub id: String,
}

impl ObjectRef {
    /// An agent.
    pub fn agent(id: &AgentId) -> Self {
        Self { kind: ObjectKind::Agent, id: id.as_str().to_owned() }
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// When the change was requested.
    pub at: Timestamp,
    /// Who made it.
    pub actor: Actor,
    /// The address that the request came from; `None` if the change came from no network.
    pub source: Option<IpAddr>,
    /// The organization whose configuration was changed; `None` for the installation's.
    pub organization: Option<OrganizationId>,
    /// What was done.
    pub action: Action,
    /// What it was done to.
    pub object: ObjectRef,
    /// The changed fields before the change; empty if the object was not there.
    pub before: Fields,
    /// The changed fields after the change; empty if the object is not there any more.
    pub after: Fields,
}

impl AuditRecord {
    /// What an author did.
    pub fn new(
        author: &Author,
        organization: Option<OrganizationId>,
        (action, object): (Action, ObjectRef),
        Difference { before, after }: Difference,
    ) -> Self {
        let (actor, source) = (author.actor().clone(), author.source());
        Self { at: author.at(), actor, source, organization, action, object, before, after }
    }
}

/// An entry of the chain. Its hash covers the record, the sequence number and the hash of the entry before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The place in the chain, from 1, without gaps.
    pub sequence: u64,
    /// What it says.
    pub record: AuditRecord,
    /// The hash of the entry before.
    pub previous: ChainHash,
    /// The hash of this entry.
    pub hash: ChainHash,
}

impl AuditEntry {
    /// The entry after the one with this hash.
    pub fn chained(sequence: u64, record: AuditRecord, previous: ChainHash) -> Self {
        let hash = hash_of(sequence, &record, &previous);
        Self { sequence, record, previous, hash }
    }
}
