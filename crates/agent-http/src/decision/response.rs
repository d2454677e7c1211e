//! Responses of decision services: `{"agent": "…"}` with the ID or external ID of a candidate.

use reqwest::Response;
use serde::Deserialize;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::{Candidate, OutsideError, Question};

/// The maximum size of a response, in bytes.
const MAX_RESPONSE_BYTES: usize = 16 * 1024;

#[derive(Deserialize)]
struct ResponseBody {
    /// Omitted by a service that leaves the choice to the routing plan.
    agent: Option<String>,
}

const fn useless(what: &'static str) -> OutsideError {
    OutsideError::Useless { what }
}

/// Reads the body of a response up to the maximum size.
pub(super) async fn read_body(mut response: Response) -> Result<Vec<u8>, OutsideError> {
    if response.status().is_redirection() {
        return Err(useless("redirects are not followed"));
    }
    if !response.status().is_success() {
        return Err(useless("the status is not 2xx"));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(request_error)? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(useless("the response is larger than 16 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Converts an HTTP error. The URL is removed, because its path may contain a credential.
pub(super) fn request_error(error: reqwest::Error) -> OutsideError {
    OutsideError::Silent { source: Some(error.without_url().into()) }
}

/// The candidate named in a response.
pub(super) fn chosen_agent(body: &[u8], question: &Question) -> Result<AgentId, OutsideError> {
    let unreadable = useless("the response is not a JSON object with a string \"agent\"");
    // serde would also accept an array with one string.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(unreadable);
    }
    // The cause is dropped, because it may quote the response.
    let answer: ResponseBody = serde_json::from_slice(body).map_err(|_cause| unreadable)?;
    let name = answer.agent.ok_or_else(|| useless("the response contains no agent"))?;
    // IDs take precedence, so an external ID that equals another candidate's ID cannot be confused with it.
    let candidates = &question.candidates;
    let by_id = candidates.iter().find(|candidate| candidate.agent.as_str() == name);
    let external_id = |candidate: &&Candidate| {
        candidate.external_id.as_ref().is_some_and(|id| id.as_str() == name)
    };
    let by_external_id = || candidates.iter().find(external_id);
    let chosen = by_id
        .or_else(by_external_id)
        .ok_or_else(|| useless("the named agent is not a candidate"))?;
    Ok(chosen.agent.clone())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert};
    use proptest::{collection, proptest};
    use switchboard_domain::address::{Address, Channel};
    use switchboard_domain::agent::Label;
    use switchboard_domain::authentication::VerifiedBy;
    use switchboard_domain::identifier::{AgentId, OrganizationId};
    use switchboard_domain::ports::{Candidate, OutsideError, Question};
    use switchboard_domain::sender::Sender;
    use switchboard_domain::sid::{CallSid, EventSid};
    use switchboard_domain::time::Timestamp;

    use super::chosen_agent;

    fn agent(n: u8) -> AgentId {
        AgentId::new(Timestamp::from_seconds(1_700_000_000), [n; 10])
    }

    fn candidate(n: u8, external_id: &str) -> Candidate {
        Candidate { agent: agent(n), external_id: Some(Label::parse(external_id).unwrap()) }
    }

    /// The external ID of the third candidate is the ID of the first.
    fn question() -> Question {
        Question {
            organization: OrganizationId::new(Timestamp::from_seconds(0), [1; 10]),
            channel: Channel::Voice,
            event: EventSid::Call(CallSid::SUPPOSED),
            to: Sender::parse("+14155550100").unwrap(),
            from: Address::parse("+14155550199").unwrap(),
            candidates: vec![
                Candidate { agent: agent(1), external_id: None },
                candidate(2, "sales"),
                candidate(3, agent(1).as_str()),
            ],
            verified_by: VerifiedBy::PrimaryToken,
        }
    }

    fn what(body: &str) -> &'static str {
        match chosen_agent(body.as_bytes(), &question()).unwrap_err() {
            OutsideError::Useless { what } => what,
            OutsideError::Silent { .. } => panic!("{body} is a valid response"),
        }
    }

    #[test]
    fn a_candidate_is_named_by_id_or_external_id() {
        for (name, n) in [(agent(1).as_str(), 1), (agent(2).as_str(), 2), ("sales", 2)] {
            let body = format!(r#"{{"agent":"{name}","why":[{{}}]}}"#);
            assert_eq!(chosen_agent(body.as_bytes(), &question()).unwrap(), agent(n), "{body}");
        }
    }

    #[test]
    fn an_invalid_response_is_rejected_with_a_reason() {
        for body in [
            "",
            "sales",
            r#""sales""#,
            r#"["sales"]"#,
            r#"{"agent":1}"#,
            r#"{"agent":"sales"} x"#,
            r#"{"agent":"sales","agent":"sales"}"#,
        ] {
            assert_eq!(
                what(body),
                "the response is not a JSON object with a string \"agent\"",
                "{body}"
            );
        }
        for body in ["{}", r#"{"agent":null}"#] {
            assert_eq!(what(body), "the response contains no agent", "{body}");
        }
        for name in ["", "Sales", " sales", agent(4).as_str()] {
            let body = format!(r#"{{"agent":"{name}"}}"#);
            assert_eq!(what(&body), "the named agent is not a candidate", "{body}");
        }
    }

    proptest! {
        #[test]
        fn only_candidates_are_chosen(body in collection::vec(any::<u8>(), 0..200)) {
            if let Ok(id) = chosen_agent(&body, &question()) {
                prop_assert!(question().candidates.iter().any(|candidate| candidate.agent == id));
            }
        }

        #[test]
        fn a_name_is_accepted_if_and_only_if_it_is_a_candidates(name in "[ -~]{0,40}") {
            let body = serde_json::json!({ "agent": name }).to_string();
            let is_known = question().candidates.iter().any(|candidate| {
                let external_id = candidate.external_id.as_ref().map(Label::as_str);
                candidate.agent.as_str() == name || external_id == Some(name.as_str())
            });
            prop_assert!(chosen_agent(body.as_bytes(), &question()).is_ok() == is_known);
        }
    }
}
