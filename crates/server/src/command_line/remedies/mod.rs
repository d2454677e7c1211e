//! What to do about errors and reasons, in terms of this command line.
//!
//! The crates below report what is wrong as typed values. This module is the only place that answers with commands,
//! options, environment variables and fixes. The matches name every variant, so a new one does not compile without a
//! decision about its remedy.

mod api_keys;
mod carrier;
mod codes;
mod connect;
mod deliveries;
mod jobs;
mod management;
mod names;
mod organizations;
mod reasons;
mod refusals;
mod remote;
mod reporting;
mod storage;
mod subscriptions;
mod twilio_errors;

use std::error::Error;

use switchboard_application::AccountCacheError;
use switchboard_application_carrier::RotateError;
use switchboard_application_carrier::adopt::{SyncError, Unreachable};
use switchboard_application_carrier::configuration::ConfigurationError;
use switchboard_application_carrier::connect::ConnectError;
use switchboard_application_delivery::{ChatKeyError, ReplayError, SendError, SubscriptionError};
use switchboard_application_management::jobs::JobsError;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_application_management::{
    ApiKeyError, ImportError, KeyRotationError, ManageError, NameError, OrganizationError,
};
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{Retry, StoreError};

use super::confirmation::Unconfirmed;
use super::remote::RemoteError;
use super::route::document::DocumentMistakes;
use super::token_check::{self, WrongToken, WrongTokens};
use crate::encryption_keys::KeyFileError;
use crate::error_report::Exit;
use crate::failure::WrongArgument;
use crate::settings::Mistakes;
use crate::wiring::DatabaseError;

pub(super) use codes::problem as plan_problem_code;
pub(super) use deliveries::attempt as delivery_attempt;
pub(super) use management::command_of;
pub(super) use reasons::{
    Subject, call_decision, decision, drift, plan_problem, plan_problem_by_api,
    plan_remedy_by_command,
};
pub(super) use refusals::{meaning as refusal_meaning, remedy as refusal};
pub(super) use remote::plan_mistake;
pub(crate) use reporting::report;
pub(super) use subscriptions::event_attempt;
pub(super) use twilio_errors::of as twilio_error;

/// What to do about an error: the remedy of the first error in its chain of causes that has one.
pub(super) fn of(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(remedy) = of_one(error) {
            return Some(remedy);
        }
        next = error.source();
    }
    None
}

/// An error with its causes and what to do about it, in one line.
pub(super) fn sentence(error: &(dyn Error + 'static)) -> String {
    match of(error) {
        Some(remedy) => format!("{}; {remedy}", Causes(error)),
        None => Causes(error).to_string(),
    }
}

/// What is known about one error of a chain of causes.
#[derive(Default)]
struct Judgment {
    code: codes::Coded,
    remedy: Option<String>,
}

fn of_one(error: &(dyn Error + 'static)) -> Option<String> {
    judge(error).remedy
}

fn judge(error: &(dyn Error + 'static)) -> Judgment {
    fn when<E: Error + 'static>(
        error: &(dyn Error + 'static),
        retry: impl FnOnce(&E) -> Retry,
        code: impl FnOnce(&E) -> codes::Coded,
        remedy: impl FnOnce(&E) -> Option<String>,
    ) -> Option<Judgment> {
        let error = error.downcast_ref()?;
        let code =
            code(error).map(|(code, listed)| (code, codes::exit(code, listed, retry(error))));
        Some(Judgment { code, remedy: remedy(error) })
    }
    fn mistake<E: Error + 'static>(
        error: &(dyn Error + 'static),
        code: (&'static str, Exit),
        remedy: Option<&str>,
    ) -> Option<Judgment> {
        let remedy = |_: &E| remedy.map(str::to_owned);
        when::<E>(error, |_| Retry::Never, |_| Some(code), remedy)
    }
    let wrong_token = ("token_wrong", Exit::Refused);
    mistake::<WrongToken>(error, wrong_token, Some(token_check::REMEDY))
        .or_else(|| mistake::<WrongTokens>(error, wrong_token, None))
        .or_else(|| mistake::<DocumentMistakes>(error, codes::DOCUMENT, None))
        .or_else(|| mistake::<Unconfirmed>(error, ("confirmation_required", Exit::Usage), None))
        .or_else(|| mistake::<Mistakes>(error, ("settings_invalid", Exit::Usage), None))
        .or_else(|| mistake::<WrongArgument>(error, ("invalid_value", Exit::Usage), None))
        .or_else(|| when(error, ManageError::retry, codes::manage, management::manage))
        .or_else(|| when(error, PlanError::retry, codes::plan, management::plan))
        .or_else(|| when(error, ImportError::retry, codes::import, management::import))
        .or_else(|| {
            when(error, ConfigurationError::retry, codes::configuration, carrier::configuration)
        })
        .or_else(|| when(error, RotateError::retry, codes::rotate, carrier::rotate))
        .or_else(|| when(error, SendError::retry, codes::send, deliveries::send))
        .or_else(|| when(error, ReplayError::retry, codes::replay, deliveries::replay))
        .or_else(|| {
            when(error, SubscriptionError::retry, codes::subscription, subscriptions::subscription)
        })
        .or_else(|| when(error, ChatKeyError::retry, codes::chat_key, storage::chat_key))
        .or_else(|| when(error, KeyRotationError::retry, codes::key_rotation, |_| None))
        .or_else(|| when(error, NameError::retry, codes::name, names::name))
        .or_else(|| when(error, ApiKeyError::retry, codes::api_key, api_keys::api_key))
        .or_else(|| {
            when(error, OrganizationError::retry, codes::organization, organizations::organization)
        })
        .or_else(|| when(error, ConnectError::retry, connect::code, connect::remedy))
        .or_else(|| when(error, JobsError::retry, jobs::code, jobs::remedy))
        .or_else(|| when(error, SyncError::retry, codes::sync, carrier::sync))
        .or_else(|| when(error, Unreachable::retry, codes::unreachable, carrier::unreachable))
        .or_else(|| when(error, CarrierError::retry, codes::request, carrier::request))
        .or_else(|| when(error, DatabaseError::retry, codes::database, storage::database))
        .or_else(|| when(error, KeyFileError::retry, codes::key_file, storage::key_file))
        .or_else(|| when(error, AccountCacheError::retry, codes::accounts, storage::accounts))
        .or_else(|| when(error, StoreError::retry, codes::store, storage::store))
        .or_else(|| when::<RemoteError>(error, remote::retry, remote::coded, remote::remedy))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use switchboard_application_carrier::RotateError;
    use switchboard_application_carrier::adopt::SyncError;
    use switchboard_application_delivery::SendError;
    use switchboard_application_management::{ImportError, ManageError};
    use switchboard_domain::carrier::{CarrierError, ErrorResponse};
    use switchboard_domain::ports::{Retry, StoreError};
    use switchboard_domain::sid::AccountSid;

    use super::{of, report, sentence};
    use crate::error_report::Exit;

    fn account() -> AccountSid {
        AccountSid::parse("AC00000000000000000000000000000001").unwrap()
    }

    #[test]
    fn the_remedy_of_an_error_inside_a_transparent_error_is_found() {
        let error = RotateError::from(ManageError::AccountUnknown { sid: account() });
        let remedy = of(&error).unwrap();
        assert!(remedy.contains("`switchboard account add AC"), "{remedy}");
    }

    #[test]
    fn the_remedy_of_a_cause_is_found() {
        let source = StoreError::timed_out("account.list");
        let error = ManageError::Store { doing: "listing accounts", source };
        let sentence = sentence(&error);
        assert!(sentence.starts_with("listing accounts failed: "), "{sentence}");
        assert!(sentence.contains("; check that the database"), "{sentence}");
    }

    #[test]
    fn an_error_without_a_remedy_is_shown_as_it_is() {
        let error = std::io::Error::other("disk full");
        assert_eq!((of(&error), sentence(&error)), (None, "disk full".to_owned()));
    }

    #[test]
    fn a_command_whose_error_passes_exits_with_6() {
        fn case<E: Error + 'static>(
            retry: impl Fn(&E) -> Retry,
            error: E,
        ) -> (Retry, Box<dyn Error>) {
            (retry(&error), Box::new(error))
        }
        let account = account();
        let operation = "number.update";
        let response = || ErrorResponse::new(429, None, "");
        let broken = || Box::new(std::io::Error::other("broken"));
        let unavailable = || ManageError::Store {
            doing: "listing accounts",
            source: StoreError::timed_out("account.list"),
        };
        let cases = [
            case(RotateError::retry, RotateError::AlreadyRunning { account }),
            case(RotateError::retry, RotateError::Changed { account }),
            case(RotateError::retry, RotateError::NotPromoted { account }),
            case(RotateError::retry, RotateError::NoValidToken { account }),
            case(RotateError::retry, unavailable().into()),
            case(SyncError::retry, SyncError::Removed),
            case(SyncError::retry, SyncError::OtherOrganization),
            case(ImportError::retry, ImportError::Removed),
            case(ImportError::retry, ImportError::OtherOrganization),
            case(ImportError::retry, ImportError::Seal(unavailable())),
            case(
                CarrierError::retry,
                CarrierError::Busy { operation, account, response: response() },
            ),
            case(CarrierError::retry, CarrierError::Refused { operation, response: response() }),
            case(CarrierError::retry, CarrierError::Unreadable { operation, source: broken() }),
            case(CarrierError::retry, CarrierError::timed_out(operation)),
            case(SendError::retry, SendError::OptedOut),
            case(ManageError::retry, ManageError::AccountUnknown { sid: account }),
            case(StoreError::retry, StoreError::Failed { operation, source: broken() }),
        ];
        for (retry, error) in cases {
            let report = report(error.as_ref());
            assert!(report.code.is_some(), "{error:?}");
            assert_eq!(report.exit == Exit::Later, retry == Retry::Later, "{error:?}");
        }
    }
}
