//! The stored routing plans, and what they are attached to.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::agent::Label;
use crate::audit::Author;
use crate::identifier::{OrganizationId, PlanId};
use crate::organization::Scope;
use crate::plan::PlanDocument;
use crate::sender::Sender;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// A saved version of a routing plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedPlan {
    /// The id of the plan, which is the same for all versions.
    pub id: PlanId,
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// The name, which is unique within the organization.
    pub name: Label,
    /// The number of the version, from 1.
    pub version: u32,
    /// The document in its canonical form.
    pub document: PlanDocument,
    /// The person who saved it.
    pub author: Label,
    /// The time at which it was saved.
    pub saved_at: Timestamp,
}

/// What a plan can be attached to. The nearest plan decides for a number: the number's own, or else
/// its account's, or else its organization's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanPlace {
    /// One number.
    Number(Sender),
    /// All numbers of an account that have no plan of their own.
    Account(AccountSid),
    /// All numbers of an organization that have no plan of their own or of their account.
    Organization(OrganizationId),
}

/// Stores routing plans with all their versions. Every change of a plan MUST be recorded in the
/// change log as [`Change::Everything`](super::Change::Everything). Laws:
/// `switchboard_contract::plans`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PlanStore: Send + Sync {
    /// Saves a version. MUST return `Exists` unless it is either the first version of a plan whose
    /// id is unused and whose name is unused in the organization, or the version after the newest
    /// one of the plan (which may have a new name, if it is unused). If two people save at the same
    /// time, one of them therefore gets an error. MUST return `Missing` if the scope does not cover
    /// the organization.
    async fn save(&self, author: &Author, plan: &SavedPlan) -> Result<(), StoreError>;

    /// Returns the newest version of the plan with this id or name, if the scope covers it.
    async fn find(&self, scope: &Scope, word: &Label) -> Result<Option<SavedPlan>, StoreError>;

    /// Lists the newest versions of all plans that the scope covers, ordered by id.
    async fn list(&self, scope: &Scope, page: &Page<PlanId>) -> Result<Vec<SavedPlan>, StoreError>;

    /// Lists the versions of a plan, oldest first, if the scope covers it.
    async fn versions(
        &self,
        scope: &Scope,
        id: &PlanId,
        page: &Page<u32>,
    ) -> Result<Vec<SavedPlan>, StoreError>;

    /// Removes a plan with all its versions. MUST return `Missing` if the scope does not cover it,
    /// and `InUse` while it is attached.
    async fn remove(&self, author: &Author, id: &PlanId) -> Result<(), StoreError>;
}

/// Stores what plans are attached to. Laws: `switchboard_contract::plan_places`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PlanPlaceStore: Send + Sync {
    /// Attaches a plan to a place, or detaches the plan of the place. MUST return `Missing` if the
    /// scope does not cover the place, or if the plan does not exist or belongs to another
    /// organization than the place. MUST be recorded in the change log: for a number as a change of
    /// the number, otherwise as [`Change::Everything`](super::Change::Everything).
    async fn attach(
        &self,
        author: &Author,
        place: &PlanPlace,
        plan: Option<PlanId>,
    ) -> Result<(), StoreError>;

    /// Lists what a plan is attached to, if the scope covers it: the organization, then accounts,
    /// then numbers, each in order.
    async fn places(&self, scope: &Scope, id: &PlanId) -> Result<Vec<PlanPlace>, StoreError>;
}
