//! Assertions about errors of the carrier.

use std::fmt::Debug;

use switchboard_domain::carrier::CarrierError;

use super::Holding;
use crate::prelude::*;

fn operation_of(error: &CarrierError) -> (&'static str, Option<AccountSid>) {
    match error {
        CarrierError::Unauthorized { operation, account, .. }
        | CarrierError::Inactive { operation, account, .. }
        | CarrierError::NotFound { operation, account, .. }
        | CarrierError::Busy { operation, account, .. } => (operation, Some(*account)),
        CarrierError::Refused { operation, .. }
        | CarrierError::Unavailable { operation, .. }
        | CarrierError::Unreadable { operation, .. } => (operation, None),
    }
}

/// Asserts that the error has the right kind, operation and account.
fn check<T: Debug>(
    result: Result<T, CarrierError>,
    operation: &str,
    owner: Option<&Holding>,
    is_kind: impl Fn(&CarrierError) -> bool,
) {
    let error = result.unwrap_err();
    assert!(is_kind(&error), "{error:?}");
    assert_eq!(operation_of(&error), (operation, owner.map(|owner| owner.account.sid)));
}

pub(super) fn assert_unauthorized<T: Debug>(
    result: Result<T, CarrierError>,
    operation: &str,
    owner: &Holding,
) {
    check(result, operation, Some(owner), |error| {
        matches!(error, CarrierError::Unauthorized { .. })
    });
}

pub(super) fn assert_inactive<T: Debug>(
    result: Result<T, CarrierError>,
    operation: &str,
    owner: &Holding,
) {
    check(result, operation, Some(owner), |error| matches!(error, CarrierError::Inactive { .. }));
}

pub(super) fn assert_missing<T: Debug>(
    result: Result<T, CarrierError>,
    operation: &str,
    owner: &Holding,
) {
    check(result, operation, Some(owner), |error| matches!(error, CarrierError::NotFound { .. }));
}

pub(super) fn assert_refused<T: Debug>(result: Result<T, CarrierError>, operation: &str) {
    check(result, operation, None, |error| matches!(error, CarrierError::Refused { .. }));
}
