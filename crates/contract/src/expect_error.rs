//! The ways in which a store refuses.

use crate::prelude::*;
use std::fmt::Debug;

/// Such a thing was there already.
#[track_caller]
pub(crate) fn assert_exists<T: Debug>(result: Result<T, StoreError>, expected: Entity) {
    match result {
        Err(StoreError::Exists { entity }) => assert_eq!(entity, expected),
        other => panic!("expected that the {expected} exists already, got {other:?}"),
    }
}

/// Of many who added such a thing at once, one did.
#[track_caller]
pub(crate) fn assert_exists_but_for_one(results: Vec<Result<(), StoreError>>, expected: Entity) {
    let (added, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(added.len(), 1);
    for result in refused {
        assert_exists(result, expected);
    }
}

/// Such a thing is not there, or not for whoever asked.
#[track_caller]
pub(crate) fn assert_missing<T: Debug>(result: Result<T, StoreError>, expected: Entity) {
    match result {
        Err(StoreError::Missing { entity }) => assert_eq!(entity, expected),
        other => panic!("expected that the {expected} is missing, got {other:?}"),
    }
}

/// Of many who removed such a thing at once, one did.
#[track_caller]
pub(crate) fn assert_missing_but_for_one(results: Vec<Result<(), StoreError>>, expected: Entity) {
    let (removed, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(removed.len(), 1);
    for result in refused {
        assert_missing(result, expected);
    }
}

/// The thing is used by numbers.
#[track_caller]
pub(crate) fn assert_in_use<T: Debug>(result: Result<T, StoreError>, expected: Entity) {
    assert_in_use_by(result, expected, Entity::Number);
}

/// The thing is used by something of that kind.
#[track_caller]
pub(crate) fn assert_in_use_by<T: Debug>(
    result: Result<T, StoreError>,
    expected: Entity,
    user: Entity,
) {
    match result {
        Err(StoreError::InUse { entity, by }) => assert_eq!((entity, by), (expected, user)),
        other => panic!("expected that the {expected} is used by the {user}, got {other:?}"),
    }
}
