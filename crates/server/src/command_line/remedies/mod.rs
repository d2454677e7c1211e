//! What to do about errors and reasons, in terms of this command line.
//!
//! The crates below report what is wrong as typed values. This module is the only place that answers with commands,
//! options, environment variables and fixes. The matches name every variant, so a new one does not compile without a
//! decision about its remedy.

mod carrier;
mod codes;
mod management;
mod reasons;
mod refusals;
mod reporting;
mod storage;
mod twilio_errors;

use std::error::Error;

use switchboard_application::AccountCacheError;
use switchboard_application_carrier::RotateError;
use switchboard_application_carrier::adopt::{SyncError, Unreachable};
use switchboard_application_carrier::configuration::ConfigurationError;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_application_management::{ImportError, ManageError};
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::StoreError;

use super::confirmation::Unconfirmed;
use super::route::document::DocumentMistakes;
use super::token_check::{self, WrongToken, WrongTokens};
use crate::error_report::Exit;
use crate::failure::WrongArgument;
use crate::settings::Mistakes;
use crate::wiring::DatabaseError;

pub(super) use reasons::{Subject, call_decision, decision, drift, plan_problem};
pub(super) use refusals::{meaning as refusal_meaning, remedy as refusal};
pub(crate) use reporting::report;
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
        code: impl FnOnce(&E) -> codes::Coded,
        remedy: impl FnOnce(&E) -> Option<String>,
    ) -> Option<Judgment> {
        let error = error.downcast_ref()?;
        Some(Judgment { code: code(error), remedy: remedy(error) })
    }
    let wrong_token = ("token_wrong", Exit::Refused);
    when::<WrongToken>(error, |_| Some(wrong_token), |_| Some(token_check::REMEDY.to_owned()))
        .or_else(|| when::<WrongTokens>(error, |_| Some(wrong_token), |_| None))
        .or_else(|| when::<DocumentMistakes>(error, |_| Some(codes::DOCUMENT), |_| None))
        .or_else(|| {
            when::<Unconfirmed>(error, |_| Some(("confirmation_required", Exit::Usage)), |_| None)
        })
        .or_else(|| when::<Mistakes>(error, |_| Some(("settings_invalid", Exit::Usage)), |_| None))
        .or_else(|| {
            when::<WrongArgument>(error, |_| Some(("invalid_value", Exit::Usage)), |_| None)
        })
        .or_else(|| when::<ManageError>(error, codes::manage, management::manage))
        .or_else(|| when::<PlanError>(error, codes::plan, management::plan))
        .or_else(|| when::<ImportError>(error, codes::import, management::import))
        .or_else(|| when::<ConfigurationError>(error, codes::configuration, carrier::configuration))
        .or_else(|| when::<RotateError>(error, codes::rotate, carrier::rotate))
        .or_else(|| when::<SyncError>(error, codes::sync, carrier::sync))
        .or_else(|| when::<Unreachable>(error, codes::unreachable, carrier::unreachable))
        .or_else(|| when::<CarrierError>(error, codes::request, carrier::request))
        .or_else(|| when::<DatabaseError>(error, codes::database, storage::database))
        .or_else(|| when::<AccountCacheError>(error, codes::accounts, storage::accounts))
        .or_else(|| when::<StoreError>(error, codes::store, storage::store))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use switchboard_application_carrier::RotateError;
    use switchboard_application_management::ManageError;
    use switchboard_domain::ports::StoreError;
    use switchboard_domain::sid::AccountSid;

    use super::{of, sentence};

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
}
