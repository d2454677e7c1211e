//! What to do about API keys that cannot be managed.

use switchboard_application_management::ApiKeyError;

pub(super) fn api_key(error: &ApiKeyError) -> Option<String> {
    let remedy = match error {
        ApiKeyError::Unknown { .. } => "list the API keys with `switchboard key list`",
        ApiKeyError::OrganizationUnknown { .. } => {
            "leave --organization out for an operator key, or name an organization that exists"
        }
        ApiKeyError::AlreadyExpired => "use a time in the future for --expires, for example 90d",
        ApiKeyError::Store { .. } => return None,
    };
    Some(remedy.to_owned())
}
