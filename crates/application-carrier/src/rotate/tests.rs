mod fixture;

use std::time::Duration;

use fixture::Fixture;
use switchboard_domain::ports::carrier::MockTokenCarrier;
use switchboard_domain::ports::{Acquisition, LeaseHolder, LeaseName, LeaseStore as _, Retry};
use tokio::select;

use super::{RotateError, RotateToken, Rotation, RotationStep, RotationTerms};
use crate::test_prelude::*;

const TERMS: RotationTerms =
    RotationTerms { settle: Duration::from_secs(2), verify_within: Some(Duration::from_secs(3)) };

async fn rotate(rotating: &RotateToken, terms: RotationTerms) -> Result<Rotation, RotateError> {
    rotating.rotate(&operator(), sid('1'), terms, &mut |_| ()).await
}

/// The only token at the carrier is the only stored one.
async fn assert_finished(fixture: &Fixture) {
    let account = fixture.stored().await;
    let tokens = fixture.tokens.lock().unwrap();
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), tokens.primary);
    assert!(account.tokens.next.is_none() && tokens.secondary.is_none());
    assert_ne!(tokens.primary, "first-token");
}

async fn give_next(fixture: &Fixture, text: &str) {
    let change = AccountChange { next_token: Edit::Set(token(text)), ..AccountChange::default() };
    let changing = accounts(&fixture.store);
    changing.change(&operator(), sid('1'), change).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_rotation_creates_promotes_verifies_and_drains() {
    let fixture = Fixture::new(true).await;
    let mut steps = Vec::new();
    let report = &mut |step| steps.push(step);
    let rotated = fixture.rotating().rotate(&operator(), sid('1'), TERMS, report).await;
    assert_eq!(rotated.unwrap(), Rotation::Finished);
    assert_finished(&fixture).await;
    let expected = [
        RotationStep::Created,
        RotationStep::Settling(TERMS.settle),
        RotationStep::Promoted,
        RotationStep::Awaiting(Duration::from_secs(3)),
        RotationStep::Verified,
        RotationStep::Draining(TERMS.settle),
    ];
    assert_eq!(steps, expected);
}

/// A webhook arrives at each step, and each must be accepted.
#[tokio::test(start_paused = true)]
async fn a_rotation_can_be_interrupted_at_any_step_without_refusing_a_webhook() {
    for steps in 0.. {
        let fixture = Fixture::new(true).await;
        fixture.stop_after(steps);
        let rotating = fixture.rotating();
        select! {
            biased;
            rotated = rotate(&rotating, TERMS) => {
                assert_eq!(rotated.unwrap(), Rotation::Finished);
                assert!(steps > 10, "the rotation was stopped at {steps} steps only");
                return;
            }
            () = fixture.until_stopped() => {}
        }
        fixture.stop_after(u32::MAX);
        assert_eq!(rotate(&rotating, TERMS).await.unwrap(), Rotation::Finished, "{steps}");
        assert_finished(&fixture).await;
    }
}

#[tokio::test(start_paused = true)]
async fn both_tokens_stay_until_a_webhook_arrives_or_verification_is_skipped() {
    let fixture = Fixture::new(false).await;
    assert_eq!(rotate(&fixture.rotating(), TERMS).await.unwrap(), Rotation::Unverified);
    assert!(fixture.stored().await.tokens.next.is_some());
    assert_eq!(rotate(&fixture.rotating(), TERMS).await.unwrap(), Rotation::Unverified);
    let terms = RotationTerms { verify_within: None, ..TERMS };
    assert_eq!(rotate(&fixture.rotating(), terms).await.unwrap(), Rotation::Finished);
    assert_finished(&fixture).await;
}

#[tokio::test(start_paused = true)]
async fn a_webhook_of_an_earlier_rotation_does_not_verify_the_new_token() {
    let fixture = Fixture::new(true).await;
    assert_eq!(rotate(&fixture.rotating(), TERMS).await.unwrap(), Rotation::Finished);
    let quiet = Fixture::without_webhooks(&fixture);
    assert_eq!(rotate(&quiet.rotating(), TERMS).await.unwrap(), Rotation::Unverified);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_secondary_token_is_replaced() {
    let fixture = Fixture::new(true).await;
    fixture.tokens.lock().unwrap().secondary = Some("unknown".to_owned());
    assert_eq!(rotate(&fixture.rotating(), TERMS).await.unwrap(), Rotation::Finished);
    assert_finished(&fixture).await;
}

#[tokio::test(start_paused = true)]
async fn a_next_token_that_the_carrier_does_not_accept_is_never_promoted() {
    let fixture = Fixture::new(true).await;
    give_next(&fixture, "stale").await;
    fixture.tokens.lock().unwrap().secondary = Some("unknown".to_owned());
    assert_eq!(rotate(&fixture.rotating(), TERMS).await.unwrap(), Rotation::Finished);
    assert_finished(&fixture).await;
}

#[tokio::test(start_paused = true)]
async fn the_old_token_stays_while_the_carrier_accepts_it() {
    let fixture = Fixture::new(true).await;
    fixture.promotes.store(false, Ordering::SeqCst);
    let terms = RotationTerms { verify_within: None, ..TERMS };
    let error = rotate(&fixture.rotating(), terms).await.unwrap_err();
    assert!(matches!(error, RotateError::NotPromoted { .. }));
    let account = fixture.stored().await;
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), "first-token");
    assert!(account.tokens.next.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_configured_next_token_is_used() {
    let fixture = Fixture::new(true).await;
    give_next(&fixture, "given").await;
    fixture.tokens.lock().unwrap().secondary = Some("given".to_owned());
    assert_eq!(rotate(&fixture.rotating(), TERMS).await.unwrap(), Rotation::Finished);
    assert_eq!(fixture.tokens.lock().unwrap().primary, "given");
    assert_finished(&fixture).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_without_a_valid_token_is_an_error() {
    let fixture = Fixture::new(false).await;
    fixture.tokens.lock().unwrap().secondary = Some("other".to_owned());
    let lost = RotateToken { account_carrier: Fixture::rejecting(), ..fixture.rotating() };
    let error = rotate(&lost, TERMS).await.unwrap_err();
    assert!(matches!(error, RotateError::NoValidToken { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_another_reason_is_the_source_of_the_error() {
    let fixture = Fixture::new(false).await;
    let mut tokens = MockTokenCarrier::new();
    let response = || ErrorResponse::new(400, Some(20001), "not in this region");
    tokens.expect_create_secondary().returning(move |_| {
        Err(CarrierError::Refused { operation: "token.create", response: response() })
    });
    tokens.expect_delete_secondary().returning(|access| {
        let (account, response) = (access.account, ErrorResponse::new(404, Some(20404), ""));
        Err(CarrierError::NotFound { operation: "token.delete", account, response })
    });
    let rotating = RotateToken { token_carrier: std::sync::Arc::new(tokens), ..fixture.rotating() };
    let error = rotate(&rotating, TERMS).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Never);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("not in this region"), "{cause}");
    assert!(fixture.stored().await.tokens.next.is_none());
}

#[tokio::test(start_paused = true)]
async fn two_processes_do_not_rotate_the_same_account() {
    let fixture = Fixture::new(true).await;
    let (lease, another) =
        (LeaseName::TokenRotation(sid('1')), LeaseHolder::named("another process"));
    let acquired = fixture.store.acquire(lease, &another, Duration::from_secs(600)).await.unwrap();
    assert_eq!(acquired, Acquisition::Acquired);
    let error = rotate(&fixture.rotating(), TERMS).await.unwrap_err();
    assert!(matches!(error, RotateError::AlreadyRunning { .. }));
    assert!(fixture.tokens.lock().unwrap().secondary.is_none());
}
