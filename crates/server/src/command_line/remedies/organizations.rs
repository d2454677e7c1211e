//! What to do about organizations that cannot be managed.

use switchboard_application_management::OrganizationError;
use switchboard_domain::ports::Entity;

use super::management::TRY_AGAIN;

pub(super) fn organization(error: &OrganizationError) -> Option<String> {
    Some(match error {
        OrganizationError::Unknown { .. } => {
            "list the organizations with `switchboard organization list`".to_owned()
        }
        OrganizationError::InUse { by: Entity::ApiKey, .. } => {
            "list its keys with `switchboard key list` and revoke them with `switchboard key revoke`"
                .to_owned()
        }
        OrganizationError::InUse { .. } => {
            "remove its accounts, agents, routing plans, calendars, lists and subscriptions first"
                .to_owned()
        }
        OrganizationError::Default => {
            "rename it with `switchboard organization set`, or leave it as it is".to_owned()
        }
        OrganizationError::Changed { .. } => TRY_AGAIN.to_owned(),
        OrganizationError::Store { .. } => return None,
    })
}
