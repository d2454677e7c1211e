//! What to do about subscriptions that are not found, and about failed deliveries of events.

use switchboard_application_delivery::SubscriptionError;
use switchboard_domain::delivery::{Attempt, AttemptOutcome};

use super::deliveries::{Explained, attempt, with_detail};
use super::management::TRY_AGAIN;

/// What to do about a subscription that cannot be managed.
pub(super) fn subscription(error: &SubscriptionError) -> Option<String> {
    Some(match error {
        SubscriptionError::Unknown { .. } => {
            "list the subscriptions with `switchboard subscription list`".to_owned()
        }
        SubscriptionError::OrganizationUnknown { .. } => {
            "leave --organization out, or name an organization that exists".to_owned()
        }
        SubscriptionError::TooMany => {
            "remove one with `switchboard subscription remove`, or let one receive more types"
                .to_owned()
        }
        SubscriptionError::Changed { .. } => TRY_AGAIN.to_owned(),
        SubscriptionError::Secret(_) | SubscriptionError::Store { .. } => return None,
    })
}

/// What an attempt to deliver an event to this subscription means.
pub(in crate::command_line) fn event_attempt(made: &Attempt, subscription: &str) -> Explained {
    let code = made.code.unwrap_or_default();
    let failed = |meaning: &str, remedy: &str| Explained {
        meaning: meaning.to_owned(),
        remedy: Some(remedy.replace("SUBSCRIPTION", subscription)),
    };
    let explained = match made.outcome {
        AttemptOutcome::Unreachable => failed(
            "the endpoint could not be reached",
            "check that it runs and that its URL is right with `switchboard subscription show SUBSCRIPTION`",
        ),
        AttemptOutcome::TimedOut => failed(
            "the endpoint did not answer within 15 seconds",
            "answer at once, and process the event afterwards",
        ),
        AttemptOutcome::BadStatus if matches!(code, 401 | 403) => failed(
            &format!(
                "the endpoint refused the request with {code}: probably its secret is not the subscription's"
            ),
            "create a new secret with `switchboard subscription rotate-secret SUBSCRIPTION`, and give it to the endpoint",
        ),
        AttemptOutcome::BadStatus if (300..400).contains(&code) => failed(
            &format!("the endpoint answered with a redirect ({code}), which is not followed"),
            "set the final URL with `switchboard subscription set SUBSCRIPTION --url URL`",
        ),
        AttemptOutcome::Gone => failed(
            "the endpoint answered 410: it does not exist any more, and the subscription is disabled",
            "set another URL with `switchboard subscription set SUBSCRIPTION --url URL --enable`, then replay the delivery",
        ),
        AttemptOutcome::TargetDisabled => failed(
            "nothing was sent",
            "enable it with `switchboard subscription set SUBSCRIPTION --enable`, then replay the delivery",
        ),
        AttemptOutcome::NoTarget => failed("nothing was sent", "nothing"),
        AttemptOutcome::Expired => failed(
            "the endpoint was down for two days, so nothing was sent",
            "correct the endpoint, then replay the delivery",
        ),
        _ => return attempt(made, None),
    };
    with_detail(made, explained)
}

#[cfg(test)]
mod tests {
    use switchboard_domain::delivery::{Attempt, AttemptDetail, AttemptOutcome};
    use switchboard_domain::time::Timestamp;

    use super::event_attempt;

    #[test]
    fn a_subscription_that_is_disabled_is_enabled_first() {
        let made = Attempt {
            at: Timestamp::from_seconds(0),
            milliseconds: 0,
            outcome: AttemptOutcome::TargetDisabled,
            code: None,
            detail: Some(AttemptDetail::new("the subscription is disabled")),
        };
        let explained = event_attempt(&made, "sub_1");
        assert_eq!(explained.meaning, "nothing was sent: the subscription is disabled");
        assert!(
            explained.remedy.unwrap().contains("`switchboard subscription set sub_1 --enable`")
        );
    }
}
