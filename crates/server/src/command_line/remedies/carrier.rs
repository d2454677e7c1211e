//! Remedies for errors of use cases that call Twilio, and for imports from the legacy system.

use switchboard_application_carrier::adopt::{SyncError, Unreachable};
use switchboard_application_carrier::configuration::ConfigurationError;
use switchboard_application_carrier::{OperationError, RotateError};
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::sender::SenderKind;

use super::management::{TRY_AGAIN, command_of, manage};

const CONTINUE: &str = "both tokens stay accepted; run the same command again to continue";

fn operation(error: &OperationError) -> Option<String> {
    match error {
        OperationError::Manage(error) => manage(error),
        // The cause may have a remedy.
        OperationError::Carrier { .. } | OperationError::Store { .. } => None,
    }
}

pub(super) fn configuration(error: &ConfigurationError) -> Option<String> {
    Some(match error {
        ConfigurationError::Operation(error) => return operation(error),
        ConfigurationError::Unfit { .. } => {
            "assign it without that channel, with --channels".to_owned()
        }
        ConfigurationError::Moved { number, actual, .. } => {
            let command = command_of(number);
            format!(
                "remove it with `switchboard {command} remove`, then add it with `switchboard {command} add {} --account {actual}`",
                command.to_uppercase()
            )
        }
        ConfigurationError::NotThere { number, account } => format!(
            "{} in account {account} or move it there, or remove it here with `switchboard {} remove`",
            if number.kind() == SenderKind::Number { "buy the number" } else { "create it" },
            command_of(number)
        ),
        ConfigurationError::Outdated { .. } => {
            "create a new plan with `switchboard webhooks plan --out FILE`".to_owned()
        }
        ConfigurationError::Changed { .. } => TRY_AGAIN.to_owned(),
    })
}

pub(super) fn rotate(error: &RotateError) -> Option<String> {
    Some(match error {
        RotateError::Operation(OperationError::Manage(error)) => return manage(error),
        RotateError::NoValidToken { account } => format!(
            "store the current one with `switchboard account set {account} --token-file FILE --no-next-token`"
        ),
        RotateError::Connected { .. } => {
            "rotate the token of the account that owns the Connect app".to_owned()
        }
        RotateError::Changed { account } => format!(
            "check it with `switchboard account show {account}`, then run the same command again"
        ),
        RotateError::AlreadyRunning { .. } => {
            "wait until it has ended, or try again later".to_owned()
        }
        RotateError::NotPromoted { .. } => "run the same command again".to_owned(),
        // The cause may have a remedy of its own, but that the command can be repeated is what matters here.
        RotateError::Operation(OperationError::Carrier { source, .. }) => match request(source) {
            Some(remedy) => format!("{remedy}; {CONTINUE}"),
            None => CONTINUE.to_owned(),
        },
        RotateError::Operation(OperationError::Store { .. }) => CONTINUE.to_owned(),
    })
}

pub(super) fn sync(error: &SyncError) -> Option<String> {
    match error {
        SyncError::Operation(error) => operation(error),
        SyncError::Removed => Some(TRY_AGAIN.to_owned()),
        SyncError::OtherOrganization => None,
    }
}

pub(super) fn unreachable(error: &Unreachable) -> Option<String> {
    match error {
        Unreachable::TokenUnknown { account, owner } => Some(format!(
            "add the account with `switchboard account add {account} --name NAME --parent {owner} --token-file FILE`"
        )),
        Unreachable::Access(error) => manage(error),
        Unreachable::Carrier(error) => request(error),
    }
}

pub(super) fn request(error: &CarrierError) -> Option<String> {
    Some(match error {
        CarrierError::Unauthorized { account, .. } => format!(
            "store the account's auth token with `switchboard account set {account} --token-file FILE`"
        ),
        CarrierError::Inactive { .. } => "reactivate the account at Twilio".to_owned(),
        CarrierError::Busy { .. } | CarrierError::Unavailable { .. } => {
            "try again later".to_owned()
        }
        CarrierError::Unreadable { .. } => {
            "check TWILIO_API_URL, and whether a proxy answers in Twilio's place".to_owned()
        }
        CarrierError::NotFound { .. } | CarrierError::Refused { .. } => return None,
    })
}
