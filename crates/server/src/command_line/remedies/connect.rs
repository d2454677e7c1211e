//! What to do about links that cannot be made.

use switchboard_application_carrier::connect::ConnectError;

use super::codes::Coded;
use crate::error_report::Exit;

pub(super) const fn code(error: &ConnectError) -> Coded {
    Some(match error {
        ConnectError::NotConfigured => ("connect_not_configured", Exit::Refused),
        ConnectError::OrganizationUnknown(_) => ("organization_not_found", Exit::NotFound),
        ConnectError::Store(_) => return None,
    })
}

pub(super) fn remedy(error: &ConnectError) -> Option<String> {
    match error {
        ConnectError::NotConfigured => Some(
            "create a Connect app at Twilio, and set TWILIO_CONNECT_APP_SID to its SID".to_owned(),
        ),
        ConnectError::OrganizationUnknown(_) => {
            Some("list the organizations with `switchboard organization list`".to_owned())
        }
        ConnectError::Store(_) => None,
    }
}
