//! What to do about names that mean no object, or several.

use switchboard_application_management::NameError;
use switchboard_domain::ports::Entity;

use super::management::meant;

pub(super) fn name(error: &NameError) -> Option<String> {
    Some(match error {
        NameError::Unknown { entity: Entity::Organization, near, .. } => {
            meant(near, "list the organizations with `switchboard organization list`")
        }
        NameError::Unknown { near, .. } => {
            meant(near, "list the API keys that are not revoked with `switchboard key list`")
        }
        NameError::Ambiguous { .. } => "use the id of one of them".to_owned(),
        NameError::Store { .. } => return None,
    })
}
