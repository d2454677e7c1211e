//! Errors of use cases as problems.

use std::convert::Infallible;
use std::error::Error;

use switchboard_application_carrier::OperationError;
use switchboard_application_carrier::configuration::ConfigurationError;
use switchboard_application_carrier::connect::ConnectError;
use switchboard_application_delivery::{
    ChatKeyError, ConfigureError, ReplayError, SecretError, SendError, SubscriptionError,
};
use switchboard_application_management::jobs::JobsError;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_application_management::{
    ApiKeyError, ManageError, OrganizationError, RepeatedRequestError, UnauthorizedError,
};
use switchboard_domain::api_key::KeyRefusal;
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::ports::{Entity, Retry, StoreError};

use crate::own_urls::OwnUrlsError;
use crate::plan_mistakes;
use crate::problem::{Mistake, Problem, ProblemCode};

/// A failure, whose causes the middleware logs. The answer says nothing of them.
fn failed(error: &(dyn Error + 'static), retry: Retry) -> Problem {
    let code = match retry {
        Retry::Later => ProblemCode::Unavailable,
        Retry::Never => ProblemCode::Internal,
    };
    Problem::of(code).because(error)
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        failed(&error, error.retry())
    }
}

impl From<RepeatedRequestError> for Problem {
    fn from(error: RepeatedRequestError) -> Self {
        match error {
            RepeatedRequestError::OtherRequest => Self::of(ProblemCode::IdempotencyKeyUsed),
            RepeatedRequestError::Running => Self::new(
                ProblemCode::IdempotencyKeyRunning,
                "The first request with the idempotency key is not finished, or it is not known what it changed: read the objects \
                 that it changes before you use another key."
                    .to_owned(),
            ),
            RepeatedRequestError::NotKept => Self::of(ProblemCode::IdempotencyAnswerMissing),
            RepeatedRequestError::Unreadable(error) => {
                Self::of(ProblemCode::IdempotencyAnswerMissing).because(&error)
            }
            // The API key was removed since it was read.
            RepeatedRequestError::Store(StoreError::Missing { .. }) => {
                Self::of(ProblemCode::KeyUnknown)
            }
            RepeatedRequestError::Store(error) => error.into(),
        }
    }
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        match &error {
            PlanError::Unknown { .. } => Self::field(ProblemCode::PlanNotFound, "plan", &error),
            PlanError::OtherOrganization => {
                Self::field(ProblemCode::OtherOrganization, "plan", &error)
            }
            PlanError::Manage(error) => error.into(),
            PlanError::VersionUnknown { .. } => {
                Self::new(ProblemCode::PlanVersionNotFound, error.to_string())
            }
            PlanError::Wrong { problems } => plan_mistakes::of(problems),
            PlanError::NoName => Self::mistakes(vec![Mistake {
                pointer: "/name".to_owned(),
                code: "required",
                detail: "name is missing".to_owned(),
            }]),
            PlanError::NameTaken { .. } => Self::field(ProblemCode::PlanNameTaken, "name", &error),
            PlanError::Outrun { .. } => Self::of(ProblemCode::PlanChanged),
            PlanError::InUse { .. } => Self::new(ProblemCode::PlanInUse, error.to_string()),
            PlanError::MaterialUnknown { entity: Entity::List, .. } => {
                Self::of(ProblemCode::ListNotFound)
            }
            PlanError::MaterialUnknown { .. } => Self::of(ProblemCode::CalendarNotFound),
            PlanError::MaterialInUse { entity: Entity::List, .. } => {
                Self::new(ProblemCode::ListInUse, error.to_string())
            }
            PlanError::MaterialInUse { .. } => {
                Self::new(ProblemCode::CalendarInUse, error.to_string())
            }
            // Only a request with a condition is refused like this.
            PlanError::MaterialChanged { .. } => Self::of(ProblemCode::PreconditionFailed),
            PlanError::Store { .. } => failed(&error, error.retry()),
        }
    }
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        match &error {
            SecretError::Removed => Self::of(ProblemCode::AgentNotFound),
            SecretError::Changed => Self::of(ProblemCode::AgentChanged),
            SecretError::Store(_) | SecretError::Seal(_) | SecretError::Open(_) => {
                failed(&error, error.retry())
            }
        }
    }
}

impl From<ChatKeyError> for Problem {
    fn from(error: ChatKeyError) -> Self {
        match &error {
            ChatKeyError::Elsewhere => Self::of(ProblemCode::AgentChanged),
            ChatKeyError::Store(_) | ChatKeyError::Seal(_) | ChatKeyError::Open(_) => {
                failed(&error, error.retry())
            }
        }
    }
}

impl From<ConfigureError<Infallible>> for Problem {
    fn from(error: ConfigureError<Infallible>) -> Self {
        match error {
            ConfigureError::Agent(error) => error.into(),
            ConfigureError::Limits(error) => error.into(),
            // The API reads a key only with its chat model.
            ConfigureError::NoChatModel => Self::of(ProblemCode::Internal),
            ConfigureError::Target(error) => error.into(),
            ConfigureError::ChatKey(error) => error.into(),
            ConfigureError::Secret(error) => error.into(),
        }
    }
}

impl From<ManageError> for Problem {
    fn from(error: ManageError) -> Self {
        (&error).into()
    }
}

impl From<&ManageError> for Problem {
    fn from(error: &ManageError) -> Self {
        match error {
            ManageError::AccountUnknown { .. } | ManageError::AccountNameUnknown { .. } => {
                Self::of(ProblemCode::AccountNotFound)
            }
            ManageError::AgentUnknown { .. } => Self::of(ProblemCode::AgentNotFound),
            ManageError::NumberUnknown { .. } => Self::of(ProblemCode::NumberNotFound),
            ManageError::ExternalIdTaken { .. } => {
                Self::field(ProblemCode::ExternalIdTaken, "external_id", error)
            }
            ManageError::Parameter(_) => Self::field(ProblemCode::BodyInvalid, "parameters", error),
            ManageError::Relay(_) => {
                Self::field(ProblemCode::BodyInvalid, "relay_attributes", error)
            }
            ManageError::AgentInUse { .. } | ManageError::AgentNamed { .. } => {
                Self::new(ProblemCode::AgentInUse, error.to_string())
            }
            ManageError::NumberKnown { .. } => {
                Self::field(ProblemCode::NumberExists, "phone_number", error)
            }
            ManageError::NumberTakenOver { .. } => {
                Self::new(ProblemCode::NumberConfigured, error.to_string())
            }
            ManageError::OtherOrganization { .. } => {
                Self::field(ProblemCode::OtherOrganization, "agent_id", error)
            }
            ManageError::AgentChanged { .. } => Self::of(ProblemCode::AgentChanged),
            ManageError::AccountChanged { .. } => Self::of(ProblemCode::AccountChanged),
            ManageError::AccountKnown { .. } => {
                Self::field(ProblemCode::AccountExists, "sid", error)
            }
            ManageError::AccountInUse { .. } => {
                Self::new(ProblemCode::AccountInUse, error.to_string())
            }
            ManageError::OwnParent { .. } => {
                Self::field(ProblemCode::BodyInvalid, "parent_sid", error)
            }
            // No route leads to these.
            ManageError::AccountAmbiguous { .. }
            | ManageError::AgentAmbiguous { .. }
            | ManageError::TokenNotDecrypted { .. }
            | ManageError::TokenNotEncrypted { .. }
            | ManageError::Store { .. } => failed(error, error.retry()),
        }
    }
}

/// What failed when a configuration was read or written.
pub(crate) const fn configuration_code(error: &ConfigurationError) -> ProblemCode {
    match error {
        ConfigurationError::Operation(OperationError::Carrier { source, .. }) => match source {
            CarrierError::Unauthorized { .. } => ProblemCode::TwilioUnauthorized,
            CarrierError::Inactive { .. } => ProblemCode::TwilioAccountInactive,
            CarrierError::NotFound { .. } => ProblemCode::TwilioNotFound,
            CarrierError::Refused { .. } => ProblemCode::TwilioRefused,
            CarrierError::Busy { .. } => ProblemCode::TwilioBusy,
            CarrierError::Unavailable { .. } => ProblemCode::TwilioUnavailable,
            CarrierError::Unreadable { .. } => ProblemCode::TwilioUnreadable,
        },
        ConfigurationError::Unfit { .. } => ProblemCode::ChannelUnsupported,
        ConfigurationError::Moved { .. } => ProblemCode::NumberMoved,
        ConfigurationError::NotThere { .. } => ProblemCode::NumberNotAtTwilio,
        // The number was removed, or the failure is one of ours.
        ConfigurationError::Outdated { .. } => ProblemCode::NumberNotFound,
        ConfigurationError::Changed { .. } => ProblemCode::NumberChanged,
        ConfigurationError::Operation(OperationError::Manage(_) | OperationError::Store { .. }) => {
            ProblemCode::Internal
        }
    }
}

/// Whether a configuration failed at the carrier, and not here.
pub(crate) const fn is_of_carrier(error: &ConfigurationError) -> bool {
    !matches!(
        error,
        ConfigurationError::Operation(OperationError::Manage(_) | OperationError::Store { .. })
    )
}

impl From<ConfigurationError> for Problem {
    fn from(error: ConfigurationError) -> Self {
        (&error).into()
    }
}

impl From<&ConfigurationError> for Problem {
    fn from(error: &ConfigurationError) -> Self {
        let code = configuration_code(error);
        match error {
            ConfigurationError::Operation(OperationError::Store { .. }) => {
                failed(error, error.retry())
            }
            ConfigurationError::Operation(OperationError::Carrier { source, .. }) => {
                Self::new(code, format!("{error}: {source}")).because(error)
            }
            ConfigurationError::Unfit { .. } => Self::field(code, "channels", error),
            ConfigurationError::Changed { .. } => Self::of(code),
            ConfigurationError::Moved { .. }
            | ConfigurationError::NotThere { .. }
            | ConfigurationError::Outdated { .. } => Self::new(code, error.to_string()),
            ConfigurationError::Operation(OperationError::Manage(error)) => error.into(),
        }
    }
}

impl From<OwnUrlsError> for Problem {
    fn from(error: OwnUrlsError) -> Self {
        match error {
            OwnUrlsError::Refused(why) => Self::new(ProblemCode::PublicUrlRefused, why),
            OwnUrlsError::Store(error) => error.into(),
        }
    }
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        let (code, field) = match &error {
            SendError::SenderUnknown { .. } => (ProblemCode::SenderNotFound, "from"),
            SendError::ContactUnreachable { .. } => (ProblemCode::ContactUnreachable, "to"),
            SendError::ChannelsDiffer { .. } => (ProblemCode::ChannelsDiffer, "to"),
            SendError::OptedOut => (ProblemCode::OptedOut, "to"),
            SendError::KeyUsed => return Self::of(ProblemCode::IdempotencyKeyUsed),
            SendError::Store { .. } => return failed(&error, error.retry()),
        };
        Self::field(code, field, &error)
    }
}

impl From<SubscriptionError> for Problem {
    fn from(error: SubscriptionError) -> Self {
        match &error {
            SubscriptionError::Unknown { .. } => Self::of(ProblemCode::SubscriptionNotFound),
            SubscriptionError::OrganizationUnknown { .. } => {
                Self::of(ProblemCode::OrganizationNotFound)
            }
            SubscriptionError::TooMany => Self::of(ProblemCode::SubscriptionLimitReached),
            SubscriptionError::Changed { .. } => Self::of(ProblemCode::SubscriptionChanged),
            SubscriptionError::Secret(_) | SubscriptionError::Store { .. } => {
                failed(&error, error.retry())
            }
        }
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        match &error {
            ConnectError::NotConfigured => Self::of(ProblemCode::ConnectNotConfigured),
            ConnectError::OrganizationUnknown(_) => Self::of(ProblemCode::OrganizationNotFound),
            ConnectError::Store(_) => failed(&error, error.retry()),
        }
    }
}

impl From<JobsError> for Problem {
    fn from(error: JobsError) -> Self {
        match &error {
            JobsError::Unknown => Self::of(ProblemCode::JobNotFound),
            JobsError::Ended => Self::of(ProblemCode::JobEnded),
            JobsError::Full => Self::of(ProblemCode::JobLimitReached),
            JobsError::OrganizationUnknown => Self::of(ProblemCode::OrganizationNotFound),
            JobsError::Store { .. } => failed(&error, error.retry()),
        }
    }
}

impl From<OrganizationError> for Problem {
    fn from(error: OrganizationError) -> Self {
        match &error {
            OrganizationError::Unknown { .. } => Self::of(ProblemCode::OrganizationNotFound),
            OrganizationError::InUse { .. } | OrganizationError::Default => {
                Self::new(ProblemCode::OrganizationInUse, error.to_string())
            }
            OrganizationError::Changed { .. } => Self::of(ProblemCode::PreconditionFailed),
            OrganizationError::Store { .. } => failed(&error, error.retry()),
        }
    }
}

impl From<ApiKeyError> for Problem {
    fn from(error: ApiKeyError) -> Self {
        match &error {
            ApiKeyError::Unknown { .. } => Self::of(ProblemCode::ApiKeyNotFound),
            ApiKeyError::OrganizationUnknown { .. } => Self::of(ProblemCode::OrganizationNotFound),
            ApiKeyError::AlreadyExpired => {
                Self::field(ProblemCode::BodyInvalid, "expires_at", &error)
            }
            ApiKeyError::Store { .. } => failed(&error, error.retry()),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match &error {
            ReplayError::DeliveryUnknown { .. } => Self::of(ProblemCode::DeliveryNotFound),
            ReplayError::MessageUnknown { .. } | ReplayError::NoDelivery { .. } => {
                Self::of(ProblemCode::MessageNotFound)
            }
            ReplayError::NotDead { .. } => {
                Self::new(ProblemCode::DeliveryNotDead, error.to_string())
            }
            ReplayError::Uncertain { .. } => Self::of(ProblemCode::DeliveryUncertain),
            ReplayError::Store { .. } => failed(&error, error.retry()),
        }
    }
}

impl From<UnauthorizedError> for Problem {
    fn from(error: UnauthorizedError) -> Self {
        let code = match &error {
            UnauthorizedError::Refused(refusal) => match refusal {
                KeyRefusal::Unknown => ProblemCode::KeyUnknown,
                KeyRefusal::Revoked => ProblemCode::KeyRevoked,
                KeyRefusal::Expired => ProblemCode::KeyExpired,
                KeyRefusal::Network => ProblemCode::KeyNetwork,
                KeyRefusal::Organization => ProblemCode::OrganizationForeign,
                KeyRefusal::Scope { needed } => {
                    let detail =
                        format!("The API key does not have the scope {}.", needed.as_str());
                    return Self::new(ProblemCode::KeyScope, detail);
                }
            },
            UnauthorizedError::OrganizationUnknown { .. } => ProblemCode::OrganizationNotFound,
            UnauthorizedError::RateLimited { wait } => {
                return Self::of(ProblemCode::TooManyAttempts).retry_after(*wait);
            }
            UnauthorizedError::Store(_) => {
                let UnauthorizedError::Store(source) = error else {
                    return Self::of(ProblemCode::Internal);
                };
                return source.into();
            }
        };
        Self::of(code)
    }
}
