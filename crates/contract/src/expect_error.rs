//! Assertions about errors of a store.

use crate::prelude::*;
use std::fmt::Debug;

/// Asserts that the object exists already.
#[track_caller]
pub(crate) fn assert_exists<T: Debug>(result: Result<T, StoreError>, expected: Entity) {
    match result {
        Err(StoreError::Exists { entity }) => assert_eq!(entity, expected),
        other => panic!("expected that the {expected} exists already, got {other:?}"),
    }
}

/// Asserts that exactly one of many tasks added the object.
#[track_caller]
pub(crate) fn assert_exists_but_for_one(results: Vec<Result<(), StoreError>>, expected: Entity) {
    let (added, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(added.len(), 1);
    for result in refused {
        assert_exists(result, expected);
    }
}

/// Asserts that the object does not exist, or is not visible to the caller.
#[track_caller]
pub(crate) fn assert_missing<T: Debug>(result: Result<T, StoreError>, expected: Entity) {
    match result {
        Err(StoreError::Missing { entity }) => assert_eq!(entity, expected),
        other => panic!("expected that the {expected} is missing, got {other:?}"),
    }
}

/// Asserts that exactly one of many tasks removed the object.
#[track_caller]
pub(crate) fn assert_missing_but_for_one(results: Vec<Result<(), StoreError>>, expected: Entity) {
    let (removed, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(removed.len(), 1);
    for result in refused {
        assert_missing(result, expected);
    }
}

/// Asserts that the object is no longer as it was read.
#[track_caller]
pub(crate) fn assert_changed<T: Debug>(result: Result<T, StoreError>, expected: Entity) {
    match result {
        Err(StoreError::Changed { entity }) => assert_eq!(entity, expected),
        other => panic!("expected that the {expected} was changed, got {other:?}"),
    }
}

/// Asserts that numbers use the object.
#[track_caller]
pub(crate) fn assert_in_use<T: Debug>(result: Result<T, StoreError>, expected: Entity) {
    assert_in_use_by(result, expected, Entity::Number);
}

/// Asserts that an object of this kind uses the object.
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
