//! How attempts are stored. Both databases merge two such texts themselves, so each attempt is an object whose fields
//! define its order, and there is one way to write it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use switchboard_domain::call::{AttemptDestination, AttemptRecord};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::StoreError;
use switchboard_domain::time::Timestamp;

use super::shape::{JsonError, read, write};

/// The words of the actions of a plan, which records keep as constants.
const ACTIONS: [&str; 6] = ["dial", "voicemail", "say", "reject", "redirect", "enqueue"];

/// The stored form of an attempt: microseconds since the Unix epoch, and an agent, an action or neither.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttemptJson {
    at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
}

/// Reads who was tried, one after the other.
pub(crate) fn read_attempts(text: &str) -> Result<Vec<AttemptRecord>, JsonError> {
    let attempts = read::<Vec<AttemptJson>>(text)?.into_iter().map(AttemptRecord::try_from);
    let mut attempts: Vec<_> = attempts.collect::<Result<_, _>>()?;
    attempts.sort_unstable();
    Ok(attempts)
}

/// Writes the attempts, each once and in order; `None` if there are none.
pub(crate) fn write_attempts(attempts: &[AttemptRecord]) -> Result<Option<String>, StoreError> {
    if attempts.is_empty() {
        return Ok(None);
    }
    let attempts: BTreeSet<_> = attempts.iter().collect();
    let attempts: Vec<_> = attempts.into_iter().map(AttemptJson::from).collect();
    write("call.record", &attempts).map(Some)
}

impl From<&AttemptRecord> for AttemptJson {
    fn from(attempt: &AttemptRecord) -> Self {
        let (agent, action) = match &attempt.destination {
            AttemptDestination::Agent(id) => (Some(id.as_str().to_owned()), None),
            AttemptDestination::Action(word) => (None, Some((*word).to_owned())),
            AttemptDestination::Exhausted => (None, None),
        };
        Self { at: attempt.at.micros(), agent, action }
    }
}

impl TryFrom<AttemptJson> for AttemptRecord {
    type Error = JsonError;

    fn try_from(json: AttemptJson) -> Result<Self, JsonError> {
        let wrong = |key| JsonError::Value { key };
        let destination = match (json.agent, json.action) {
            (Some(agent), None) => {
                let id = AgentId::parse(&agent).map_err(|_not_a_key| wrong("agent"))?;
                AttemptDestination::Agent(id)
            }
            (None, Some(action)) => {
                let word = ACTIONS.into_iter().find(|word| *word == action);
                AttemptDestination::Action(word.ok_or(wrong("action"))?)
            }
            (None, None) => AttemptDestination::Exhausted,
            (Some(_), Some(_)) => return Err(wrong("action")),
        };
        Ok(Self { at: Timestamp::from_micros(json.at), destination })
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::agent::{Label, Reply};
    use switchboard_domain::call::{AttemptDestination, AttemptRecord};
    use switchboard_domain::identifier::AgentId;
    use switchboard_domain::phone_number::PhoneNumber;
    use switchboard_domain::plan::{Action, DialTo, Greeting, QueueName};
    use switchboard_domain::time::Timestamp;
    use switchboard_domain::twiml::RejectReason;
    use switchboard_domain::web_address::WebUrl;

    use super::{read_attempts, write_attempts};
    use crate::json::shape::JsonError;

    fn attempt(micros: i64, destination: AttemptDestination) -> AttemptRecord {
        AttemptRecord { at: Timestamp::from_micros(micros), destination }
    }

    /// One action of each kind; a new kind does not compile here until it is among them.
    fn actions() -> Vec<Action> {
        let dial = Action::Dial {
            to: DialTo::Number(PhoneNumber::parse("+14155550100").unwrap()),
            timeout_seconds: 1,
        };
        let mut actions = vec![dial];
        while let Some(next) = match actions.last().unwrap() {
            Action::Dial { .. } => {
                Some(Action::Voicemail { greeting: greeting(), most_seconds: 1, announce: None })
            }
            Action::Voicemail { .. } => Some(Action::Say(greeting())),
            Action::Say(_) => Some(Action::Reject(RejectReason::Busy)),
            Action::Reject(_) => {
                Some(Action::Redirect(WebUrl::parse("https://example.com").unwrap()))
            }
            Action::Redirect(_) => {
                Some(Action::Enqueue(QueueName(Label::parse("support").unwrap())))
            }
            Action::Enqueue(_) => None,
        } {
            actions.push(next);
        }
        actions
    }

    fn greeting() -> Greeting {
        Greeting { text: Reply::parse("Hello").unwrap(), language: None }
    }

    #[test]
    fn attempts_are_stored_by_time_and_destination() {
        let agent = AgentId::new(Timestamp::from_seconds(0), [0; 10]);
        let attempts = [
            attempt(-1, AttemptDestination::Agent(agent.clone())),
            attempt(2, AttemptDestination::Action("say")),
            attempt(3, AttemptDestination::Exhausted),
        ];
        let text = write_attempts(&attempts).unwrap().unwrap();
        let expected =
            format!(r#"[{{"at":-1,"agent":"{agent}"}},{{"at":2,"action":"say"}},{{"at":3}}]"#);
        assert_eq!(text, expected);
        assert_eq!(read_attempts(&text).unwrap(), attempts);
        let [first, second, third] = attempts;
        let disordered = [third, first.clone(), second, first];
        assert_eq!(write_attempts(&disordered).unwrap(), Some(text));
        assert_eq!(write_attempts(&[]).unwrap(), None);
    }

    #[test]
    fn every_action_is_read_as_it_is_written() {
        let destinations =
            actions().into_iter().map(|action| AttemptDestination::Action(action.as_str()));
        let attempts: Vec<_> =
            (1..).zip(destinations).map(|(at, destination)| attempt(at, destination)).collect();
        assert_eq!(read_attempts(&write_attempts(&attempts).unwrap().unwrap()).unwrap(), attempts);
    }

    #[test]
    fn an_unknown_destination_is_reported_by_its_place() {
        for (text, place) in [
            (r#"[{"at":1,"agent":"nobody"}]"#, "agent"),
            (r#"[{"at":1,"action":"sing"}]"#, "action"),
            (r#"[{"at":1,"agent":"agt_00000000000000000000000000","action":"say"}]"#, "action"),
        ] {
            let error = read_attempts(text).unwrap_err();
            assert!(matches!(error, JsonError::Value { key } if key == place), "{error:?}");
        }
        assert!(matches!(read_attempts(r#"[{"agent":null}]"#), Err(JsonError::Shape { .. })));
    }
}
