mod rig;

use std::sync::atomic::Ordering;
use std::time::Duration;

use rig::Rig;
use switchboard_domain::carrier::{CarrierError, ErrorResponse};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::MockTokenCarrier;
use switchboard_domain::ports::{LeaseStore as _, Retry};
use tokio::select;

use super::{RotateError, RotateToken, Rotation, RotationStep, RotationTerms};
use switchboard_application_management::fixtures::{accounts, sealer, sid, token};
use switchboard_application_management::{AccountChange, Edit, open_primary};

const TERMS: RotationTerms =
    RotationTerms { settle: Duration::from_secs(2), verify_within: Some(Duration::from_secs(3)) };

async fn rotate(rotating: &RotateToken, terms: RotationTerms) -> Result<Rotation, RotateError> {
    rotating.rotate(&Scope::Operator, sid('1'), terms, &mut |_| ()).await
}

/// The company's only token is the only one that is kept.
async fn assert_finished(rig: &Rig) {
    let account = rig.kept().await;
    let tokens = rig.tokens.lock().unwrap();
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), tokens.primary);
    assert!(account.tokens.next.is_none() && tokens.secondary.is_none());
    assert_ne!(tokens.primary, "first-token");
}

async fn give_next(rig: &Rig, text: &str) {
    let change = AccountChange { next_token: Edit::Set(token(text)), ..AccountChange::default() };
    let changing = accounts(&rig.store);
    changing.change(&Scope::Operator, sid('1'), change).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_token_is_made_accepted_promoted_seen_and_alone_in_the_end() {
    let rig = Rig::new(true).await;
    let mut steps = Vec::new();
    let tell = &mut |step| steps.push(step);
    let rotated = rig.rotating().rotate(&Scope::Operator, sid('1'), TERMS, tell).await;
    assert_eq!(rotated.unwrap(), Rotation::Finished);
    assert_finished(&rig).await;
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

/// Webhooks come at every step, and the rig refuses none of them.
#[tokio::test(start_paused = true)]
async fn whoever_is_stopped_anywhere_runs_again_and_no_webhook_is_refused() {
    for steps in 0.. {
        let rig = Rig::new(true).await;
        rig.burn_after(steps);
        let rotating = rig.rotating();
        select! {
            biased;
            rotated = rotate(&rotating, TERMS) => {
                assert_eq!(rotated.unwrap(), Rotation::Finished);
                assert!(steps > 10, "the rotation was stopped at {steps} steps only");
                return;
            }
            () = rig.is_blown() => {}
        }
        rig.burn_after(u32::MAX);
        assert_eq!(rotate(&rotating, TERMS).await.unwrap(), Rotation::Finished, "{steps}");
        assert_finished(&rig).await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_webhook_both_tokens_stay_until_one_comes_or_none_is_waited_for() {
    let rig = Rig::new(false).await;
    assert_eq!(rotate(&rig.rotating(), TERMS).await.unwrap(), Rotation::Unverified);
    assert!(rig.kept().await.tokens.next.is_some());
    assert_eq!(rotate(&rig.rotating(), TERMS).await.unwrap(), Rotation::Unverified);
    let terms = RotationTerms { verify_within: None, ..TERMS };
    assert_eq!(rotate(&rig.rotating(), terms).await.unwrap(), Rotation::Finished);
    assert_finished(&rig).await;
}

#[tokio::test(start_paused = true)]
async fn a_webhook_of_an_earlier_rotation_shows_nothing() {
    let rig = Rig::new(true).await;
    assert_eq!(rotate(&rig.rotating(), TERMS).await.unwrap(), Rotation::Finished);
    let silent = Rig::silenced(&rig);
    assert_eq!(rotate(&silent.rotating(), TERMS).await.unwrap(), Rotation::Unverified);
}

#[tokio::test(start_paused = true)]
async fn a_secondary_token_that_nobody_knows_is_replaced() {
    let rig = Rig::new(true).await;
    rig.tokens.lock().unwrap().secondary = Some("nobody-knows".to_owned());
    assert_eq!(rotate(&rig.rotating(), TERMS).await.unwrap(), Rotation::Finished);
    assert_finished(&rig).await;
}

#[tokio::test(start_paused = true)]
async fn a_next_token_that_is_none_of_the_carriers_is_never_promoted() {
    let rig = Rig::new(true).await;
    give_next(&rig, "stale").await;
    rig.tokens.lock().unwrap().secondary = Some("nobody-knows".to_owned());
    assert_eq!(rotate(&rig.rotating(), TERMS).await.unwrap(), Rotation::Finished);
    assert_finished(&rig).await;
}

#[tokio::test(start_paused = true)]
async fn the_old_token_stays_while_the_carrier_still_takes_it() {
    let rig = Rig::new(true).await;
    rig.keeps_its_word.store(false, Ordering::SeqCst);
    let terms = RotationTerms { verify_within: None, ..TERMS };
    let error = rotate(&rig.rotating(), terms).await.unwrap_err();
    assert!(matches!(error, RotateError::NotPromoted { .. }));
    let account = rig.kept().await;
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), "first-token");
    assert!(account.tokens.next.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_next_token_that_somebody_gave_is_used() {
    let rig = Rig::new(true).await;
    give_next(&rig, "given").await;
    rig.tokens.lock().unwrap().secondary = Some("given".to_owned());
    assert_eq!(rotate(&rig.rotating(), TERMS).await.unwrap(), Rotation::Finished);
    assert_eq!(rig.tokens.lock().unwrap().primary, "given");
    assert_finished(&rig).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_that_no_token_opens_is_told_with_the_remedy() {
    let rig = Rig::new(false).await;
    rig.tokens.lock().unwrap().secondary = Some("other".to_owned());
    let lost = RotateToken { account_carrier: Rig::closed(), ..rig.rotating() };
    let error = rotate(&lost, TERMS).await.unwrap_err();
    assert!(matches!(error, RotateError::NoneOpens { .. }));
    assert!(matches!(error, RotateError::NoneOpens { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_the_carrier_refuses_for_another_reason_stays_the_cause() {
    let rig = Rig::new(false).await;
    let mut tokens = MockTokenCarrier::new();
    let response = || ErrorResponse::new(400, Some(20001), "not in this region");
    tokens.expect_create_secondary().returning(move |_| {
        Err(CarrierError::Refused { operation: "token.create", response: response() })
    });
    tokens.expect_delete_secondary().returning(|access| {
        let (account, response) = (access.account, ErrorResponse::new(404, Some(20404), ""));
        Err(CarrierError::NotFound { operation: "token.delete", account, response })
    });
    let rotating = RotateToken { token_carrier: std::sync::Arc::new(tokens), ..rig.rotating() };
    let error = rotate(&rotating, TERMS).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Never);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("not in this region"), "{cause}");
    assert!(rig.kept().await.tokens.next.is_none());
}

#[tokio::test(start_paused = true)]
async fn two_processes_do_not_rotate_the_same_account() {
    let rig = Rig::new(true).await;
    rig.store.acquire(&super::lease(sid('1')), "another process", 600).await.unwrap();
    let error = rotate(&rig.rotating(), TERMS).await.unwrap_err();
    assert!(matches!(error, RotateError::UnderWay { .. }));
    assert!(rig.tokens.lock().unwrap().secondary.is_none());
}
