//! An organization as JSON.

use serde::{Deserialize, Serialize};
use switchboard_domain::organization::Organization;
use utoipa::ToSchema;

use super::instant;

/// An organization.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationObject {
    /// Its id.
    pub id: String,
    /// Its name, which need not be unique.
    pub name: String,
    /// When it was added.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl OrganizationObject {
    /// Renders an organization.
    pub fn of(organization: &Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.as_str().to_owned(),
            created_at: instant(organization.created_at),
        }
    }
}
