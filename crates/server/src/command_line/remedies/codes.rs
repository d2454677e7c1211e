//! The stable code and the exit code of each error.

use switchboard_application::AccountCacheError;
use switchboard_application_carrier::adopt::{SyncError, Unreachable};
use switchboard_application_carrier::configuration::ConfigurationError;
use switchboard_application_carrier::{OperationError, RotateError};
use switchboard_application_delivery::{ChatKeyError, ReplayError, SendError, SubscriptionError};
use switchboard_application_management::routing_plans::PlanError;
use switchboard_application_management::{
    ApiKeyError, ImportError, KeyRotationError, ManageError, NameError, OrganizationError,
};
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::plan::ProblemKind;
use switchboard_domain::ports::{Entity, Retry, StoreError};

use crate::encryption_keys::KeyFileError;
use crate::error_report::Exit;
use crate::wiring::{DatabaseError, DatabaseProblem};

/// `None` leaves the decision to the cause.
pub(super) type Coded = Option<(&'static str, Exit)>;

/// The codes with exit code 6 whose errors do not pass on their own. Deployments run `switchboard migrate` as a separate
/// step, so a command that starts before it succeeds after it.
const UNTIL_MIGRATED: [&str; 2] = ["database_missing", "database_not_migrated"];

/// The exit code is 6 if and only if the same command can succeed later, so a script can repeat exactly these commands.
pub(super) fn exit(code: &str, listed: Exit, retry: Retry) -> Exit {
    match retry {
        Retry::Later => Exit::Later,
        Retry::Never if UNTIL_MIGRATED.contains(&code) => Exit::Later,
        Retry::Never if listed == Exit::Later => Exit::Failed,
        Retry::Never => listed,
    }
}

pub(super) const fn manage(error: &ManageError) -> Coded {
    use Exit::{Failed, NotFound, Refused};
    Some(match error {
        ManageError::AccountUnknown { .. } | ManageError::AccountNameUnknown { .. } => {
            ("account_not_found", NotFound)
        }
        ManageError::AccountAmbiguous { .. } => ("account_ambiguous", Refused),
        ManageError::AccountKnown { .. } => ("account_exists", Refused),
        ManageError::AccountInUse { .. } => ("account_in_use", Refused),
        ManageError::AccountChanged { .. } => ("account_changed", Exit::Later),
        ManageError::OwnParent { .. } => ("parent_invalid", Refused),
        ManageError::AgentUnknown { .. } => ("agent_not_found", NotFound),
        ManageError::AgentAmbiguous { .. } => ("agent_ambiguous", Refused),
        ManageError::ExternalIdTaken { .. } => ("external_id_taken", Refused),
        ManageError::AgentInUse { .. } | ManageError::AgentNamed { .. } => {
            ("agent_in_use", Refused)
        }
        ManageError::AgentChanged { .. } => ("agent_changed", Exit::Later),
        ManageError::NumberUnknown { .. } => ("number_not_found", NotFound),
        ManageError::NumberKnown { .. } => ("number_exists", Refused),
        ManageError::NumberTakenOver { .. } => ("number_configured", Refused),
        ManageError::OtherOrganization { .. } => ("other_organization", Refused),
        ManageError::TokenNotDecrypted { .. } => ("token_unreadable", Failed),
        ManageError::TokenNotEncrypted { .. } => ("token_not_encrypted", Failed),
        ManageError::Parameter(_) => ("parameter_invalid", Refused),
        ManageError::Relay(_) => ("relay_attribute_invalid", Refused),
        ManageError::Store { .. } => return None,
    })
}

pub(super) const fn chat_key(error: &ChatKeyError) -> Coded {
    match error {
        ChatKeyError::Elsewhere => Some(("chat_url_changed", Exit::Refused)),
        ChatKeyError::Seal(_) => Some(("chat_key_not_encrypted", Exit::Failed)),
        ChatKeyError::Open(_) => Some(("chat_key_unreadable", Exit::Failed)),
        ChatKeyError::Store(_) => None,
    }
}

pub(super) const fn key_rotation(error: &KeyRotationError) -> Coded {
    match error {
        KeyRotationError::Seal(_) => Some(("secret_not_encrypted", Exit::Failed)),
        KeyRotationError::Store(_) => None,
    }
}

pub(super) const fn plan(error: &PlanError) -> Coded {
    Some(match error {
        PlanError::Unknown { .. } => ("plan_not_found", Exit::NotFound),
        PlanError::VersionUnknown { .. } => ("plan_version_not_found", Exit::NotFound),
        PlanError::Wrong { .. } => DOCUMENT,
        PlanError::NoName => ("plan_name_missing", Exit::Usage),
        PlanError::NameTaken { .. } => ("plan_name_taken", Exit::Refused),
        PlanError::Outrun { .. } => ("plan_version_conflict", Exit::Refused),
        PlanError::InUse { .. } => ("plan_in_use", Exit::Refused),
        PlanError::OtherOrganization => ("other_organization", Exit::Refused),
        PlanError::MaterialUnknown { entity: Entity::Calendar, .. } => {
            ("calendar_not_found", Exit::NotFound)
        }
        PlanError::MaterialUnknown { .. } => ("list_not_found", Exit::NotFound),
        PlanError::MaterialInUse { entity: Entity::Calendar, .. } => {
            ("calendar_in_use", Exit::Refused)
        }
        PlanError::MaterialInUse { .. } => ("list_in_use", Exit::Refused),
        PlanError::MaterialChanged { entity: Entity::Calendar, .. } => {
            ("calendar_changed", Exit::Later)
        }
        PlanError::MaterialChanged { .. } => ("list_changed", Exit::Later),
        PlanError::Manage(error) => return manage(error),
        PlanError::Store { .. } => return None,
    })
}

/// A document with mistakes.
pub(super) const DOCUMENT: (&str, Exit) = ("document_invalid", Exit::Failed);

pub(in crate::command_line) const fn problem(kind: &ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Unreadable(_) => "value_invalid",
        ProblemKind::TooMany { .. } => "too_many",
        ProblemKind::AgentUnknown { .. } => "agent_not_found",
        ProblemKind::AgentAmbiguous { .. } => "agent_ambiguous",
        ProblemKind::AgentRepeated => "agent_repeated",
        ProblemKind::CalendarUnknown { .. } => "calendar_not_found",
        ProblemKind::ListUnknown { .. } => "list_not_found",
        ProblemKind::NoZone => "time_zone_missing",
        ProblemKind::NoWeight => "weight_missing",
        ProblemKind::NothingToDo => "destination_missing",
        ProblemKind::Contradiction(_) => "never_matches",
        ProblemKind::Unreachable { .. } | ProblemKind::AfterTheEnd => "never_reached",
        ProblemKind::Overlap { .. } => "windows_overlap",
        ProblemKind::HoursUnreadable { .. } => "hours_unreadable",
        ProblemKind::NothingToChoose => "too_few_agents",
    }
}

pub(super) const fn send(error: &SendError) -> Coded {
    Some(match error {
        SendError::SenderUnknown { .. } => ("sender_not_found", Exit::NotFound),
        SendError::ContactUnreachable { .. } => ("contact_unreachable", Exit::Refused),
        SendError::ChannelsDiffer { .. } => ("channels_differ", Exit::Refused),
        SendError::OptedOut => ("opted_out", Exit::Refused),
        SendError::KeyUsed => ("idempotency_key_used", Exit::Refused),
        SendError::Store { .. } => return None,
    })
}

pub(super) const fn replay(error: &ReplayError) -> Coded {
    Some(match error {
        ReplayError::DeliveryUnknown { .. } => ("delivery_not_found", Exit::NotFound),
        ReplayError::MessageUnknown { .. } => ("message_not_found", Exit::NotFound),
        ReplayError::NoDelivery { .. } => ("delivery_missing", Exit::Refused),
        ReplayError::NotDead { .. } => ("delivery_not_dead", Exit::Refused),
        ReplayError::Uncertain { .. } => ("delivery_uncertain", Exit::Refused),
        ReplayError::Store { .. } => return None,
    })
}

pub(super) const fn subscription(error: &SubscriptionError) -> Coded {
    Some(match error {
        SubscriptionError::Unknown { .. } => ("subscription_not_found", Exit::NotFound),
        SubscriptionError::OrganizationUnknown { .. } => ("organization_not_found", Exit::NotFound),
        SubscriptionError::TooMany => ("subscription_limit_reached", Exit::Refused),
        SubscriptionError::Changed { .. } => ("subscription_changed", Exit::Later),
        SubscriptionError::Secret(_) | SubscriptionError::Store { .. } => return None,
    })
}

pub(super) const fn api_key(error: &ApiKeyError) -> Coded {
    Some(match error {
        ApiKeyError::Unknown { .. } => ("api_key_not_found", Exit::NotFound),
        ApiKeyError::OrganizationUnknown { .. } => ("organization_not_found", Exit::NotFound),
        ApiKeyError::AlreadyExpired => ("api_key_expired", Exit::Refused),
        ApiKeyError::Store { .. } => return None,
    })
}

pub(super) const fn organization(error: &OrganizationError) -> Coded {
    Some(match error {
        OrganizationError::Unknown { .. } => ("organization_not_found", Exit::NotFound),
        OrganizationError::InUse { .. } | OrganizationError::Default => {
            ("organization_in_use", Exit::Refused)
        }
        OrganizationError::Changed { .. } => ("organization_changed", Exit::Later),
        OrganizationError::Store { .. } => return None,
    })
}

pub(super) const fn name(error: &NameError) -> Coded {
    Some(match error {
        NameError::Unknown { entity: Entity::Organization, .. } => {
            ("organization_not_found", Exit::NotFound)
        }
        NameError::Unknown { .. } => ("api_key_not_found", Exit::NotFound),
        NameError::Ambiguous { entity: Entity::Organization, .. } => {
            ("organization_ambiguous", Exit::Refused)
        }
        NameError::Ambiguous { .. } => ("api_key_ambiguous", Exit::Refused),
        NameError::Store { .. } => return None,
    })
}

pub(super) const fn import(error: &ImportError) -> Coded {
    Some(match error {
        ImportError::Mistakes(_) => ("import_invalid", Exit::Failed),
        ImportError::MainAccountUnknown { .. } => ("account_not_found", Exit::NotFound),
        ImportError::OtherOrganization => ("other_organization", Exit::Refused),
        ImportError::Removed => ("import_conflict", Exit::Later),
        ImportError::Seal(error) => return manage(error),
        ImportError::Legacy(_) | ImportError::Store { .. } => return None,
    })
}

const fn operation(error: &OperationError) -> Coded {
    match error {
        OperationError::Manage(error) => manage(error),
        OperationError::Carrier { .. } | OperationError::Store { .. } => None,
    }
}

pub(super) const fn configuration(error: &ConfigurationError) -> Coded {
    Some(match error {
        ConfigurationError::Operation(error) => return operation(error),
        ConfigurationError::Unfit { .. } => ("channel_unsupported", Exit::Refused),
        ConfigurationError::Moved { .. } => ("number_moved", Exit::Refused),
        ConfigurationError::NotThere { .. } => ("number_not_at_twilio", Exit::Refused),
        ConfigurationError::Outdated { .. } => ("webhook_plan_outdated", Exit::Refused),
        ConfigurationError::Changed { .. } => ("number_changed", Exit::Later),
    })
}

pub(super) const fn rotate(error: &RotateError) -> Coded {
    Some(match error {
        RotateError::Operation(error) => return operation(error),
        RotateError::NoValidToken { .. } => ("token_wrong", Exit::Refused),
        RotateError::Changed { .. } => ("token_conflict", Exit::Later),
        RotateError::Connected { .. } => ("account_connected", Exit::Refused),
        RotateError::AlreadyRunning { .. } => ("rotation_running", Exit::Later),
        RotateError::NotPromoted { .. } => ("token_not_promoted", Exit::Later),
    })
}

pub(super) const fn sync(error: &SyncError) -> Coded {
    Some(match error {
        SyncError::Operation(error) => return operation(error),
        SyncError::OtherOrganization => ("other_organization", Exit::Refused),
        SyncError::Removed => ("import_conflict", Exit::Later),
    })
}

pub(super) const fn unreachable(error: &Unreachable) -> Coded {
    match error {
        Unreachable::TokenUnknown { .. } => Some(("token_missing", Exit::Refused)),
        Unreachable::Access(error) => manage(error),
        Unreachable::Carrier(error) => request(error),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for all errors")]
pub(super) const fn request(error: &CarrierError) -> Coded {
    Some(match error {
        CarrierError::Unauthorized { .. } => ("twilio_unauthorized", Exit::Refused),
        CarrierError::Inactive { .. } => ("twilio_account_inactive", Exit::Refused),
        CarrierError::NotFound { .. } => ("twilio_not_found", Exit::Refused),
        CarrierError::Refused { .. } => ("twilio_refused", Exit::Refused),
        CarrierError::Busy { .. } => ("twilio_busy", Exit::Later),
        CarrierError::Unavailable { .. } => ("twilio_unavailable", Exit::Later),
        CarrierError::Unreadable { .. } => ("twilio_unreadable", Exit::Failed),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for all errors")]
pub(super) const fn database(error: &DatabaseError) -> Coded {
    use Exit::{Failed, Later};
    Some(match error.problem() {
        DatabaseProblem::FileMissing
        | DatabaseProblem::MissingOnServer
        | DatabaseProblem::LegacyMissing => ("database_missing", Later),
        DatabaseProblem::NotMigrated => ("database_not_migrated", Later),
        DatabaseProblem::Newer => ("database_newer", Failed),
        DatabaseProblem::Unreachable => ("database_unavailable", Later),
        DatabaseProblem::Tls => ("database_tls", Failed),
        DatabaseProblem::Folder
        | DatabaseProblem::NotADatabase
        | DatabaseProblem::NotCreatable
        | DatabaseProblem::NotUtf8 => ("database_unusable", Failed),
        DatabaseProblem::Other => ("database_failed", Failed),
    })
}

pub(super) const fn key_file(error: &KeyFileError) -> Coded {
    Some(match error {
        KeyFileError::Missing { .. } => ("encryption_key_file_missing", Exit::Failed),
        KeyFileError::Foreign { .. } => ("token_unreadable", Exit::Failed),
        KeyFileError::NotSet { .. } => ("encryption_keys_missing", Exit::Failed),
        KeyFileError::Readable { .. }
        | KeyFileError::ForeignOwner { .. }
        | KeyFileError::Unreadable { .. }
        | KeyFileError::Invalid { .. }
        | KeyFileError::NotCreatable { .. } => ("encryption_key_file_unusable", Exit::Failed),
        KeyFileError::Key(_) => return None,
        KeyFileError::Store(error) => return store(error),
    })
}

pub(super) const fn accounts(error: &AccountCacheError) -> Coded {
    match error {
        AccountCacheError::WrongKey { .. } => Some(("token_unreadable", Exit::Failed)),
        AccountCacheError::Store(error) => store(error),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one signature for all errors")]
pub(super) const fn store(error: &StoreError) -> Coded {
    Some(match error {
        StoreError::Unavailable { .. } => ("database_unavailable", Exit::Later),
        StoreError::Exists { .. } => ("exists", Exit::Refused),
        StoreError::Missing { .. } => ("not_found", Exit::NotFound),
        StoreError::Changed { .. } => ("changed", Exit::Refused),
        StoreError::InUse { .. } => ("in_use", Exit::Refused),
        StoreError::Full { .. } => ("limit_reached", Exit::Refused),
        StoreError::Corrupt { .. } => ("row_unreadable", Exit::Failed),
        StoreError::Failed { .. } => ("database_failed", Exit::Failed),
    })
}

#[cfg(test)]
mod tests {
    use switchboard_domain::ports::Retry;

    use super::{UNTIL_MIGRATED, exit};
    use crate::error_report::Exit;

    const ALL: [Exit; 5] = [Exit::Failed, Exit::Usage, Exit::NotFound, Exit::Refused, Exit::Later];

    #[test]
    fn the_exit_code_is_6_if_and_only_if_the_same_command_can_succeed_later() {
        for listed in ALL {
            assert_eq!(exit("some_code", listed, Retry::Later), Exit::Later);
            assert_ne!(exit("some_code", listed, Retry::Never), Exit::Later);
            for code in UNTIL_MIGRATED {
                assert_eq!(exit(code, listed, Retry::Never), Exit::Later);
            }
        }
        assert_eq!(exit("agent_in_use", Exit::Refused, Retry::Never), Exit::Refused);
    }
}
