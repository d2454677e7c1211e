//! Answers as they come in: `{"agent": "…"}` with the id or the external id of a candidate.

use reqwest::Response;
use serde::Deserialize;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::{OutsideError, Question};

/// Longest answer that is read, in bytes.
const LONGEST: usize = 16 * 1024;

#[derive(Deserialize)]
struct AnswerWire {
    /// A service that does not care leaves it out.
    agent: Option<String>,
}

const fn useless(what: &'static str) -> OutsideError {
    OutsideError::Useless { what }
}

/// What a response says, read no further than the longest answer.
pub(super) async fn body(mut response: Response) -> Result<Vec<u8>, OutsideError> {
    if response.status().is_redirection() {
        return Err(useless("it redirects, which is not followed"));
    }
    if !response.status().is_success() {
        return Err(useless("its status is not 2xx"));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(useless("it is longer than 16 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The exchange did not come to its end. Its URL is left out, as its path may be a credential.
pub(super) fn broken(error: reqwest::Error) -> OutsideError {
    OutsideError::Silent { source: Some(error.without_url().into()) }
}

/// The candidate that an answer names.
pub(super) fn chosen(body: &[u8], question: &Question) -> Result<AgentId, OutsideError> {
    let unreadable = useless("it is no JSON object with the text \"agent\"");
    // A list of one text would be read as the object too.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(unreadable);
    }
    // The cause could repeat what is in the answer.
    let answer: AnswerWire = serde_json::from_slice(body).map_err(|_cause| unreadable)?;
    let name = answer.agent.ok_or_else(|| useless("it names no agent"))?;
    // Ids are ours and cannot be taken, so a candidate whose external id looks like the id of another is no danger.
    let candidates = &question.candidates;
    let by_id = candidates.iter().find(|(id, _)| id.as_str() == name);
    let by_external_id =
        || candidates.iter().find(|(_, external_id)| external_id.as_deref() == Some(name.as_str()));
    let (id, _) = by_id
        .or_else(by_external_id)
        .ok_or_else(|| useless("it names an agent that is no candidate"))?;
    Ok(id.clone())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert};
    use proptest::{collection, proptest};
    use switchboard_domain::identifier::AgentId;
    use switchboard_domain::ports::{OutsideError, Question};
    use switchboard_domain::time::Timestamp;

    use super::chosen;

    fn agent(n: u8) -> AgentId {
        AgentId::new(Timestamp::from_seconds(1_700_000_000), [n; 10])
    }

    /// The third one has the id of the first for an external id.
    fn question() -> Question {
        Question {
            channel: "voice",
            event: "CA0".to_owned(),
            to: "+14155550100".to_owned(),
            from: "+14155550199".to_owned(),
            candidates: vec![
                (agent(1), None),
                (agent(2), Some("sales".to_owned())),
                (agent(3), Some(agent(1).to_string())),
            ],
        }
    }

    fn what(body: &str) -> &'static str {
        match chosen(body.as_bytes(), &question()).unwrap_err() {
            OutsideError::Useless { what } => what,
            OutsideError::Silent { .. } => panic!("{body} is an answer"),
        }
    }

    #[test]
    fn candidates_are_named_by_id_or_by_external_id() {
        for (name, n) in [(agent(1).as_str(), 1), (agent(2).as_str(), 2), ("sales", 2)] {
            let body = format!(r#"{{"agent":"{name}","why":[{{}}]}}"#);
            assert_eq!(chosen(body.as_bytes(), &question()).unwrap(), agent(n), "{body}");
        }
    }

    #[test]
    fn an_answer_that_is_of_no_use_is_told_by_its_mistake() {
        for body in [
            "",
            "sales",
            r#""sales""#,
            r#"["sales"]"#,
            r#"{"agent":1}"#,
            r#"{"agent":"sales"} x"#,
            r#"{"agent":"sales","agent":"sales"}"#,
        ] {
            assert_eq!(what(body), "it is no JSON object with the text \"agent\"", "{body}");
        }
        for body in ["{}", r#"{"agent":null}"#] {
            assert_eq!(what(body), "it names no agent", "{body}");
        }
        for name in ["", "Sales", " sales", agent(4).as_str()] {
            let body = format!(r#"{{"agent":"{name}"}}"#);
            assert_eq!(what(&body), "it names an agent that is no candidate", "{body}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_names_a_candidate_or_nobody(body in collection::vec(any::<u8>(), 0..200)) {
            if let Ok(id) = chosen(&body, &question()) {
                prop_assert!(question().candidates.iter().any(|(candidate, _)| *candidate == id));
            }
        }

        #[test]
        fn no_name_but_a_candidates_chooses(name in "[ -~]{0,40}") {
            let body = serde_json::json!({ "agent": name }).to_string();
            let is_known = question().candidates.iter().any(|(id, external_id)| {
                id.as_str() == name || external_id.as_deref() == Some(name.as_str())
            });
            prop_assert!(chosen(body.as_bytes(), &question()).is_ok() == is_known);
        }
    }
}
