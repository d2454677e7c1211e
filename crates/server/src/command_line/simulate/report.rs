//! What became of a simulated call or message.

use std::fmt;

use serde::Serialize;
use switchboard_application::manage::{Explanation, Target};
use switchboard_domain::signature::PublicUrl;
use url::Url;

use super::answer::{Answer, readable};
use super::request::Request;
use crate::command_line::view::TargetView;

/// What was sent, what was answered, and what was decided.
#[derive(Serialize)]
pub(super) struct Report {
    request: Sent,
    status: u16,
    content_type: Option<String>,
    elapsed_ms: f64,
    /// The body of the answer as it came.
    twiml: String,
    decision: Decision,
}

#[derive(Serialize)]
struct Sent {
    kind: &'static str,
    sid: String,
    account_sid: String,
    from: String,
    to: String,
    /// The URL that the signature is for.
    signed_url: String,
    server: String,
}

#[derive(Serialize)]
struct Decision {
    agent_id: Option<String>,
    agent_name: Option<String>,
    target: Option<TargetView>,
    reason: &'static str,
    explanation: &'static str,
    /// The account that owns the number, if the number is known.
    number_account_sid: Option<String>,
}

impl Report {
    pub(super) fn new(
        request: &Request,
        public_url: &PublicUrl,
        server: &Url,
        answer: Answer,
        explanation: &Explanation,
    ) -> Self {
        Self {
            request: Sent {
                kind: request.noun(),
                sid: request.sid.clone(),
                account_sid: request.account.to_string(),
                from: request.from.clone(),
                to: request.to.clone(),
                signed_url: format!("{}{}", public_url.as_str(), request.target),
                server: server.to_string(),
            },
            status: answer.status.as_u16(),
            content_type: answer.content_type,
            elapsed_ms: (answer.elapsed.as_secs_f64() * 10_000.0).round() / 10.0,
            twiml: answer.body,
            decision: Decision::of(explanation),
        }
    }

    /// Whether the server took the request.
    pub(super) const fn is_accepted(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// What may be wrong when the server did not take the request.
    fn advice(&self) -> Option<String> {
        let Sent { account_sid, signed_url, .. } = &self.request;
        match (self.status, &self.decision.number_account_sid) {
            (200..=299, _) => None,
            (403, Some(owner)) if owner != account_sid => Some(format!(
                "refused: the number belongs to account {owner}, not to {account_sid}, which signed"
            )),
            (403, _) => Some(format!(
                "refused: the server does not know account {account_sid}, has another token for it, or is called by \
                 another URL than {signed_url} (SWITCHBOARD_PUBLIC_URL); its log says which"
            )),
            (404, _) => {
                Some("refused: no switchboard answers there; say where it is with --url".to_owned())
            }
            (503, _) => {
                Some("failed: the server cannot reach its database, or is leaving".to_owned())
            }
            _ => Some("failed: the server's log says why".to_owned()),
        }
    }
}

impl Decision {
    fn of(explanation: &Explanation) -> Self {
        let assigned = explanation.route.as_ref().and_then(|route| route.assigned.as_ref());
        Self {
            agent_id: assigned.map(|assigned| assigned.agent.to_string()),
            agent_name: assigned.map(|assigned| assigned.profile.name.as_str().to_owned()),
            target: explanation.target.as_ref().map(|target| match target {
                Target::Voice(target) => TargetView::of_voice(target),
                Target::Message(target) => TargetView::of_message(target),
            }),
            reason: explanation.reason.as_str(),
            explanation: explanation.reason.explanation(),
            number_account_sid: explanation.route.as_ref().map(|route| route.account.to_string()),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agent = match (&self.agent_name, &self.agent_id) {
            (Some(name), Some(id)) => format!("{name} ({id})"),
            _ => "nobody".to_owned(),
        };
        match &self.target {
            Some(target) => {
                write!(f, "answered by {agent}: {}\nreached by {target}", self.explanation)
            }
            None if self.agent_id.is_some() => {
                write!(f, "not answered by {agent}: {}", self.explanation)
            }
            None => write!(f, "answered by nobody: {}", self.explanation),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sent { kind, sid, account_sid, from, to, signed_url, server } = &self.request;
        writeln!(f, "{kind} {sid} from {from} to {to}")?;
        writeln!(f, "signed by account {account_sid} for {signed_url}, sent to {server}\n")?;
        let content_type = self.content_type.as_deref().unwrap_or("no content type");
        writeln!(f, "status {}, {content_type}, {} ms", self.status, self.elapsed_ms)?;
        if !self.twiml.trim().is_empty() {
            writeln!(f, "\n{}", readable(&self.twiml))?;
        }
        writeln!(f)?;
        match self.advice() {
            Some(advice) => f.write_str(&advice),
            None => self.decision.fmt(f),
        }
    }
}
