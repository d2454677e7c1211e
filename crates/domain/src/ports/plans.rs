use std::fmt;

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::agent::Label;
use crate::identifier::{OrganizationId, PlanId};
use crate::organization::Scope;
use crate::phone_number::PhoneNumber;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// A saved version of a routing plan.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// Our key of the plan, the same for all of its versions.
    pub id: PlanId,
    /// The tenant that owns it.
    pub organization: OrganizationId,
    /// What people call it: unique within the organization.
    pub name: Label,
    /// Which version, from 1.
    pub version: u32,
    /// The document.
    pub document: String,
    /// Who saved it.
    pub author: Label,
    /// When.
    pub saved_at: Timestamp,
}

/// The document can name people's numbers, so only its length is shown.
impl fmt::Debug for SavedPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedPlan")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("version", &self.version)
            .field("document_bytes", &self.document.len())
            .finish_non_exhaustive()
    }
}

/// What a plan can be attached to. The nearest one decides for a number: its own, its account's, its organization's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanPlace {
    /// One number.
    Number(PhoneNumber),
    /// All numbers of an account without a plan of their own.
    Account(AccountSid),
    /// All numbers of an organization without a nearer plan.
    Organization(OrganizationId),
}

/// Keeps routing plans in all their versions. Every change of a plan MUST be told as
/// [`Change::Everything`](super::Change::Everything). Laws: `switchboard_contract::plans`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PlanStore: Send + Sync {
    /// Keeps a version. MUST return `Exists` unless it is the first of a plan whose id and name are new to the
    /// organization, or the one that follows the newest of that plan (its name may be new); so of two who save at once
    /// one hears that the other was faster. MUST return `Missing` if the scope does not cover its organization.
    async fn save(&self, scope: &Scope, plan: &SavedPlan) -> Result<(), StoreError>;

    /// The newest version of the plan whose id or name this is, if the scope covers it.
    async fn find(&self, scope: &Scope, word: &Label) -> Result<Option<SavedPlan>, StoreError>;

    /// The newest versions of all plans that the scope covers, in the order of their ids.
    async fn list(&self, scope: &Scope, page: &Page<PlanId>) -> Result<Vec<SavedPlan>, StoreError>;

    /// The versions of a plan, oldest first, if the scope covers it.
    async fn versions(
        &self,
        scope: &Scope,
        id: &PlanId,
        page: &Page<u32>,
    ) -> Result<Vec<SavedPlan>, StoreError>;

    /// Removes a plan with all its versions. MUST return `Missing` if the scope does not cover it, and `InUse` while
    /// it is attached to anything.
    async fn remove(&self, scope: &Scope, id: &PlanId) -> Result<(), StoreError>;
}

/// Keeps what plans are attached to. Laws: `switchboard_contract::plan_places`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PlanPlaceStore: Send + Sync {
    /// Attaches a plan to a place, or none. MUST return `Missing` if the scope does not cover the place, or the plan is
    /// not there or belongs to another organization than the place. A number's MUST be told as a change of the number,
    /// the others as [`Change::Everything`](super::Change::Everything).
    async fn attach(
        &self,
        scope: &Scope,
        place: &PlanPlace,
        plan: Option<PlanId>,
    ) -> Result<(), StoreError>;

    /// What a plan is attached to, if the scope covers it: organization, accounts, numbers, in their order.
    async fn places(&self, scope: &Scope, id: &PlanId) -> Result<Vec<PlanPlace>, StoreError>;
}
