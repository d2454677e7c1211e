//! The entries of the audit log.

use std::net::IpAddr;

use super::author::{Actor, Author};
use super::chain::{ChainHash, hash_of};
use super::snapshot::{Difference, Fields};
use crate::identifier::{AgentId, OrganizationId};
use crate::sender::Sender;
use crate::sid::AccountSid;
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// The kind of an object of the configuration.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum ObjectKind {
        /// What belongs to no organization, such as the public URL.
        Installation = "installation",
        /// An organization.
        Organization = "organization",
        /// An account.
        Account = "account",
        /// An agent.
        Agent = "agent",
        /// A number or another sender.
        Number = "number",
        /// An API key.
        ApiKey = "api_key",
        /// A routing plan.
        Plan = "plan",
        /// A calendar.
        Calendar = "calendar",
        /// A list of numbers.
        List = "list",
        /// A subscription to events.
        Subscription = "subscription",
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
        /// The capacity, hours or health check of an agent were changed.
        AgentLimitsChanged = "agent.limits_changed",
        /// The key of the chat model of an agent was set.
        AgentChatKeySet = "agent.chat_key_set",
        /// A secret that signs the requests to the endpoint of an agent was added.
        AgentSecretAdded = "agent.secret_added",
        /// An organization was added.
        OrganizationAdded = "organization.added",
        /// An organization was renamed.
        OrganizationRenamed = "organization.renamed",
        /// An organization was removed.
        OrganizationRemoved = "organization.removed",
        /// An account was added.
        AccountAdded = "account.added",
        /// An account was changed, for example its tokens.
        AccountChanged = "account.changed",
        /// An account was removed.
        AccountRemoved = "account.removed",
        /// A number was added.
        NumberAdded = "number.added",
        /// A number was assigned to an agent.
        NumberAssigned = "number.assigned",
        /// A number was unassigned.
        NumberUnassigned = "number.unassigned",
        /// A number was removed.
        NumberRemoved = "number.removed",
        /// What the server may do with the configuration of a number at the carrier was changed.
        NumberRepairChanged = "number.repair_changed",
        /// The configuration of a number at the carrier was about to be written, and the one before was saved.
        NumberConfigured = "number.configured",
        /// The saved configuration of a number was given up, after it was restored at the carrier.
        NumberRestored = "number.restored",
        /// An API key was added.
        ApiKeyAdded = "api_key.added",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key.revoked",
        /// A version of a routing plan was saved.
        PlanSaved = "plan.saved",
        /// A routing plan was removed.
        PlanRemoved = "plan.removed",
        /// A routing plan was attached to a number, an account or an organization, which is the object of the entry.
        PlanAttached = "plan.attached",
        /// The routing plan of a number, an account or an organization was detached.
        PlanDetached = "plan.detached",
        /// A calendar was saved.
        CalendarSaved = "calendar.saved",
        /// A calendar was removed.
        CalendarRemoved = "calendar.removed",
        /// A list of numbers was saved.
        ListSaved = "list.saved",
        /// A list of numbers was removed.
        ListRemoved = "list.removed",
        /// A subscription was added.
        SubscriptionAdded = "subscription.added",
        /// A subscription was changed.
        SubscriptionChanged = "subscription.changed",
        /// A subscription was removed.
        SubscriptionRemoved = "subscription.removed",
        /// A secret that signs the requests to the endpoint of a subscription was added.
        SubscriptionSecretAdded = "subscription.secret_added",
        /// Accounts, agents and numbers were imported into an organization.
        ImportWritten = "import.written",
        /// The archive of another installation was restored.
        ArchiveRestored = "archive.restored",
        /// The public URL of the installation was stored.
        PublicUrlChanged = "installation.public_url_changed",
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
    /// An object of a kind.
    pub fn new(kind: ObjectKind, id: &str) -> Self {
        Self { kind, id: id.to_owned() }
    }

    /// An agent.
    pub fn agent(id: &AgentId) -> Self {
        Self::new(ObjectKind::Agent, id.as_str())
    }

    /// An account.
    pub fn account(sid: AccountSid) -> Self {
        Self::new(ObjectKind::Account, sid.as_str())
    }

    /// A number or another sender.
    pub fn number(sender: Sender) -> Self {
        Self::new(ObjectKind::Number, sender.as_str())
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
