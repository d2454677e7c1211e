//! The stored organizations.

#![cfg_attr(
    feature = "mock",
    expect(
        clippy::ref_option_ref,
        reason = "the expectations of a mock take arguments by reference"
    )
)]

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::audit::Author;
use crate::identifier::OrganizationId;
use crate::organization::{Organization, Scope};

/// Stores organizations. An organization's scope covers itself. Laws: `switchboard_contract::organizations`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OrganizationStore: Send + Sync {
    /// Returns the organization, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        id: &OrganizationId,
    ) -> Result<Option<Organization>, StoreError>;

    /// Lists the organizations that the scope covers, ordered by id.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<OrganizationId>,
    ) -> Result<Vec<Organization>, StoreError>;

    /// Adds an organization. MUST return `Missing` for the scope of an organization, and `Exists` if the id is taken.
    async fn add(&self, author: &Author, organization: &Organization) -> Result<(), StoreError>;

    /// Replaces the name of an organization. `before` is the organization as the caller read it; `None` replaces whatever is
    /// stored. MUST return `Missing` if the scope does not cover it or it does not exist, and `Changed` if its name is not
    /// that of `before`. Of several changes of the same `before` at the same time, at most one MUST succeed if each of them
    /// changes the name. MUST NOT change the creation time.
    async fn rename<'a>(
        &self,
        author: &Author,
        before: Option<&'a Organization>,
        organization: &Organization,
    ) -> Result<(), StoreError>;

    /// Removes an organization, with its revoked API keys. MUST return `Missing` for the scope of an organization, or if it
    /// does not exist, `Changed` if its name is not that of `before`, and `InUse` while it owns an account, agent, routing plan,
    /// calendar, list, subscription, or an API key that is not revoked. What was recorded stays.
    async fn remove<'a>(
        &self,
        author: &Author,
        id: &OrganizationId,
        before: Option<&'a Organization>,
    ) -> Result<(), StoreError>;
}
