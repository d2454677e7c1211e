//! What the outcome of an attempt of a delivery means, and what to do about it; and what to do about a message that is not
//! accepted, and a delivery that is not replayed.

use switchboard_application_delivery::{ReplayError, SendError};
use switchboard_domain::delivery::{Attempt, AttemptOutcome};

use super::twilio_errors;

/// An outcome in words.
pub(in crate::command_line) struct Explained {
    pub(in crate::command_line) meaning: String,
    pub(in crate::command_line) remedy: Option<String>,
}

/// What to do about a message that is not accepted.
pub(super) fn send(error: &SendError) -> Option<String> {
    Some(match error {
        SendError::SenderUnknown { .. } => {
            "list the numbers with `switchboard number list` and the others with `switchboard sender list`, or add it with `switchboard sender add SENDER --account AC…`"
                .to_owned()
        }
        SendError::ContactUnreachable { .. } => {
            "set --to to a phone number such as +14155550199, with whatsapp: or rcs: in front for another channel".to_owned()
        }
        SendError::ChannelsDiffer { .. } => {
            "write the prefix of the channel, such as whatsapp:, in both --from and --to".to_owned()
        }
        SendError::OptedOut => "wait until the contact writes START to the sender".to_owned(),
        SendError::KeyUsed => {
            "choose another --idempotency-key for another message, or repeat the same message".to_owned()
        }
        SendError::Store { .. } => return None,
    })
}

/// What to do about a delivery that is not replayed.
pub(super) fn replay(error: &ReplayError) -> Option<String> {
    Some(match error {
        ReplayError::DeliveryUnknown { .. } => {
            "list the deliveries with `switchboard delivery list`".to_owned()
        }
        ReplayError::MessageUnknown { .. } => {
            "list the messages with `switchboard message list`".to_owned()
        }
        ReplayError::NoDelivery { sid } => format!(
            "see who answered it with `switchboard message show {sid}`; only messages for an agent's endpoint are delivered"
        ),
        ReplayError::NotDead { .. } => {
            "list dead deliveries with `switchboard delivery list --state dead`".to_owned()
        }
        ReplayError::Uncertain { .. } => "confirm it with --yes".to_owned(),
        ReplayError::Store { .. } => return None,
    })
}

/// What an attempt means. `agent` is the id of the agent of the delivery.
pub(in crate::command_line) fn attempt(attempt: &Attempt, agent: Option<&str>) -> Explained {
    let agent = agent.unwrap_or("AGENT");
    let code = attempt.code.unwrap_or_default();
    let done = |meaning: &str| Explained { meaning: meaning.to_owned(), remedy: None };
    let failed = |meaning: &str, remedy: &str| Explained {
        meaning: meaning.to_owned(),
        remedy: Some(remedy.replace("AGENT", agent)),
    };
    let explained = match attempt.outcome {
        AttemptOutcome::Accepted => done("the target accepted it"),
        AttemptOutcome::FoundAtTwilio => {
            done("Twilio has the message, although the request to send it failed")
        }
        AttemptOutcome::WindowClosed => failed(
            "the contact has not written by WhatsApp for 24 hours, so WhatsApp accepts only an approved template, and the agent has none",
            "give the agent one with `switchboard agent set AGENT --whatsapp-template HX…`, then replay the delivery",
        ),
        AttemptOutcome::NotAtTwilio => done("Twilio does not have the message"),
        AttemptOutcome::Unreachable => failed(
            "the target could not be reached",
            "check that the endpoint runs and that its URL is right with `switchboard agent show AGENT`",
        ),
        AttemptOutcome::TimedOut => failed(
            "the endpoint did not answer in time (within 15 seconds; a chat model within 60)",
            "answer at once, and reply later through `reply_url`; for a chat model, choose a faster model or a lower --chat-max-tokens",
        ),
        AttemptOutcome::BadStatus => {
            let (meaning, remedy) = bad_status(code);
            failed(&meaning, remedy)
        }
        AttemptOutcome::RateLimited => failed(
            "the target receives too many requests (429)",
            "nothing, if it is rare; otherwise raise the limit of the target",
        ),
        AttemptOutcome::Gone => failed(
            "the endpoint answered 410: it does not exist any more",
            "set another URL with `switchboard agent set AGENT`, by --message-webhook or --message-twilio, then replay the delivery",
        ),
        AttemptOutcome::InvalidResponse => failed(
            "the endpoint accepted the message, but its response is not a reply",
            "correct the response of the endpoint; the message is not delivered again, because the endpoint has it",
        ),
        AttemptOutcome::AddressRefused => failed(
            "the address of the endpoint is not allowed",
            "use a public address, or allow its network in SWITCHBOARD_TARGET_NETWORKS",
        ),
        AttemptOutcome::NoTarget => failed(
            "the agent cannot receive messages",
            "check the agent with `switchboard agent show AGENT`, then replay the delivery",
        ),
        AttemptOutcome::TargetDisabled => failed(
            "the endpoint of the agent is disabled, so nothing was sent",
            "set another URL with `switchboard agent set AGENT`, by --message-webhook or --message-twilio, or use it again with --enable-target; then replay the delivery",
        ),
        AttemptOutcome::StoreUnavailable => failed(
            "the database did not answer, so nothing was sent",
            "check the database with `switchboard doctor`",
        ),
        AttemptOutcome::AtLimit => failed(
            "a limit of the server was reached, so nothing was sent",
            "nothing to do: it is attempted again; many of them mean that names of endpoints resolve slowly",
        ),
        AttemptOutcome::Expired => failed(
            "the target was down for two days, so nothing was sent",
            "correct the endpoint of the agent, then replay the delivery",
        ),
        AttemptOutcome::KeyRefused => failed(
            &format!("the chat model refused the key of the agent ({code})"),
            "set its key with `switchboard agent set AGENT --chat-key-file FILE`, then replay the delivery",
        ),
        AttemptOutcome::LimitReached => failed(
            "the limit of completion tokens of the agent is reached",
            "raise it with `switchboard agent set AGENT --chat-daily-limit N`, or wait until midnight UTC; then replay the delivery",
        ),
        AttemptOutcome::OptedOut => {
            done("the contact has opted out of messages, so nothing was sent")
        }
        AttemptOutcome::LoopStopped => done(
            "two programs answer each other, so the conversation is stopped for an hour and nothing was sent",
        ),
        AttemptOutcome::Refused => match attempt.code {
            Some(code) => {
                let error = twilio_errors::of(code);
                failed(
                    &format!("Twilio refused the message with {code}: {}", error.meaning),
                    error.remedy,
                )
            }
            None => failed(
                "the message could not be sent",
                "check the account with `switchboard doctor`",
            ),
        },
        AttemptOutcome::OutcomeUnknown => failed(
            "it is not known whether Twilio accepted the message",
            "look for the message in Twilio's console before you replay it, because the contact may have it",
        ),
    };
    with_detail(attempt, explained)
}

/// What a status other than 2xx means, and what to do.
fn bad_status(code: u32) -> (String, &'static str) {
    match code {
        401 | 403 => (
            format!(
                "the endpoint refused the request with {code}: probably its secret is not the agent's"
            ),
            "create a new secret with `switchboard agent rotate-secret AGENT`, and give it to the endpoint",
        ),
        300..=399 => (
            format!("the endpoint answered with a redirect ({code}), which is not followed"),
            "set the final URL with `switchboard agent set AGENT`, by --message-webhook or --message-twilio",
        ),
        _ => (
            format!("the endpoint answered {code} instead of 2xx"),
            "check the log of the endpoint for this time",
        ),
    }
}

/// Adds what is wrong in particular.
pub(super) fn with_detail(attempt: &Attempt, explained: Explained) -> Explained {
    match &attempt.detail {
        Some(detail) => {
            Explained { meaning: format!("{}: {detail}", explained.meaning), ..explained }
        }
        None => explained,
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::delivery::{Attempt, AttemptOutcome};
    use switchboard_domain::time::Timestamp;

    use super::attempt;

    fn explained(outcome: AttemptOutcome, code: Option<u32>) -> (String, Option<String>) {
        let at = Timestamp::from_seconds(0);
        let made = Attempt { at, milliseconds: 1, outcome, code, detail: None };
        let explained = attempt(&made, Some("agt_1"));
        (explained.meaning, explained.remedy)
    }

    #[test]
    fn a_wrong_secret_is_named() {
        let (meaning, remedy) = explained(AttemptOutcome::BadStatus, Some(401));
        assert!(meaning.contains("secret"), "{meaning}");
        assert!(remedy.unwrap().contains("`switchboard agent rotate-secret agt_1`"));
    }

    #[test]
    fn a_refusal_of_twilio_is_explained_by_its_code() {
        let (meaning, _) = explained(AttemptOutcome::Refused, Some(21_610));
        assert!(meaning.contains("21610") && meaning.contains("STOP"), "{meaning}");
    }
}
